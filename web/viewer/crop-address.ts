interface CropOnSlide {
  slideId: string;
  x0: number;
  y0: number;
  size0X: number;
  size0Y: number;
}

/** The way to a crop's place on its slide, at one screen px per px of a 256 px crop. */
export const cropAddress = ({ slideId, x0, y0, size0X, size0Y }: CropOnSlide) =>
  `/slides/${slideId}?x=${Math.round(x0 + size0X / 2)}&y=${Math.round(y0 + size0Y / 2)}&z=${(256 / size0X).toPrecision(4)}`;
