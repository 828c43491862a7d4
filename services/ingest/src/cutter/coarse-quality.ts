import type { PlannedCrop } from '@stroma/wsi/crop-plan';
import { type CropQuality, cropQuality } from '@stroma/wsi/crop-quality';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { TileWindow } from '../tile-window.ts';
import type { CutJob } from './messages.ts';

/** px of a crop's side that its ink and colour are measured on at least. */
const leastSide = 16;
/** Levels further from the crops' own are not needed to be fast: one decoded tile serves 64 crops. */
const mostCoarse = 8;
const unmeasured: CropQuality = {
  sharpness: Number.NaN,
  pen: Number.NaN,
  saturation: Number.NaN,
  darkness: Number.NaN,
};

/**
 * What a coarser level says of crops whose own px are not decoded: ink and colour, but not sharpness, which is lost
 * there. Nothing where the slide has no such level.
 */
export class CoarseQuality {
  readonly #window: TileWindow | undefined;
  readonly #side: number;
  #next = 0;

  /** The crops in the order in which `measure` is called for them. */
  constructor(slide: SlideFile, { level, sizePx }: CutJob, crops: readonly PlannedCrop[]) {
    const own = slide.level(level);
    const coarse = slide.structure.levels
      .map((one) => ({ one, by: one.downsampleX / own.downsampleX }))
      .filter(({ one, by }) => by > 1 && by <= mostCoarse && sizePx / by >= leastSide && slide.storedTiles?.(one.level))
      .sort((a, b) => b.by - a.by)[0];
    this.#side = coarse ? Math.floor(sizePx / coarse.by) : 0;
    if (!coarse || crops.length === 0) return;
    const places = crops.map((crop) => ({
      ...crop,
      left: Math.round(crop.left / coarse.by),
      top: Math.round(crop.top / coarse.by),
    }));
    const read = { readWidth: this.#side, readHeight: this.#side };
    this.#window = new TileWindow(slide, coarse.one.level, read, places);
  }

  async measure(): Promise<CropQuality> {
    const whole = await this.#window?.cut(this.#next++);
    if (!this.#window || !whole) return unmeasured;
    return { ...cropQuality(this.#window.pixels, this.#side, this.#side), sharpness: Number.NaN };
  }
}
