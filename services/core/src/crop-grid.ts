export interface CropGrid {
  sizePx: number;
  stridePx: number;
}

/** What the trainer's presets are made for. */
export const defaultGrid: CropGrid = { sizePx: 256, stridePx: 256 };
