import type { PixelSpacing } from '@stroma/core/units';

/** What a vendor's or program's own header says about the slide. */
export interface Header {
  /** As written by the scanner; a label, never computed with. */
  objective: number | null;
  mpp: PixelSpacing | null;
  quirks: string[];
  /** Images that the header itself holds or names. */
  associated: string[];
}

export const noHeader: Header = { objective: null, mpp: null, quirks: [], associated: [] };
