export interface FreshPen {
  pen: CanvasRenderingContext2D;
  /** CSS px. */
  width: number;
  height: number;
}

/** The pen of a canvas that fills its place on the screen, cleared and in CSS px whatever the screen's density. */
export function freshPen(canvas: HTMLCanvasElement | null): FreshPen | null {
  const pen = canvas?.getContext('2d');
  if (!canvas || !pen) return null;
  const ratio = window.devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting a side clears the canvas and takes new memory, even where it is the same.
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}
