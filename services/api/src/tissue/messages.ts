import type { CropRecipe } from '@stroma/core/contract/crop-recipe';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import type { Problem } from '@stroma/core/errors';
import type { PixelSpacing } from '@stroma/core/units';
import type { TissueClass } from '@stroma/wsi/tissue/classes';
import type { MaskPlace } from '@stroma/wsi/tissue/stored-mask';

/** A mask as it is stored: the picture of its classes, where it lies, and how much of the slide each class is. */
export interface StoredMask {
  png: Uint8Array;
  place: MaskPlace;
  shares: Record<TissueClass, number>;
}

export interface TissueRequest {
  /** The slide's file. */
  path: string;
  name: string;
  spacing0: PixelSpacing | null;
  /** Undefined when it was never computed. */
  mask: StoredMask | undefined;
  /** The crops that are asked about. */
  crops: { recipe: CropRecipe; selection: CropSelection } | undefined;
}

export interface GridPreview {
  /** Sides of a crop and distances between crops, in level-0 px. */
  size0: { x: number; y: number };
  stride0: { x: number; y: number };
  effective: PixelSpacing;
  /** Crops that would be cut, and those of them that the selection keeps, as far as the mask can tell. */
  cut: number;
  kept: number;
  /** Null when there are too many to draw. */
  crops: { x0: Int32Array; y0: Int32Array; kept: Uint8Array } | null;
}

export interface TissueAnswer {
  /** When it was not given. */
  mask: StoredMask | undefined;
  grid: GridPreview | undefined;
}

export interface ToTissueProcess {
  id: number;
  request: TissueRequest;
}

export type FromTissueProcess = { id: number; answer: TissueAnswer } | { id: number; problem: Problem; status: number };
