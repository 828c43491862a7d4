/** Sums over squares of a picture in constant time; modulo 2³², so that any single square must stay below it. */
export interface Areas {
  sum(left: number, top: number, right: number, bottom: number): number;
}

export function summedAreas(values: ArrayLike<number>, width: number, height: number): Areas {
  // One row and column more than the picture: entry (x, y) is the sum left of x and above y.
  const step = width + 1;
  const sums = new Uint32Array(step * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1) {
      row += values[y * width + x] ?? 0;
      sums[(y + 1) * step + x + 1] = row + (sums[y * step + x + 1] ?? 0);
    }
  }
  return {
    sum(left, top, right, bottom) {
      const above = top * step;
      const below = bottom * step;
      const wide = (sums[below + right] ?? 0) - (sums[above + right] ?? 0);
      return (wide - (sums[below + left] ?? 0) + (sums[above + left] ?? 0)) >>> 0;
    },
  };
}

/** Calls `each` with every px and the square of side 2·radius + 1 around it, cut at the picture's edge. */
export function eachSquare(
  width: number,
  height: number,
  radius: number,
  each: (index: number, left: number, top: number, right: number, bottom: number) => void,
): void {
  for (let y = 0; y < height; y += 1) {
    const top = Math.max(0, y - radius);
    const bottom = Math.min(height, y + radius + 1);
    for (let x = 0; x < width; x += 1) {
      each(y * width + x, Math.max(0, x - radius), top, Math.min(width, x + radius + 1), bottom);
    }
  }
}

/** Each px becomes 1 when more than this share of its square is: 0.5 is a median filter, 0 widens by the radius. */
export function spread(mask: Uint8Array, width: number, height: number, radius: number, share: number): Uint8Array {
  const areas = summedAreas(mask, width, height);
  const out = new Uint8Array(mask.length);
  eachSquare(width, height, radius, (index, left, top, right, bottom) => {
    if (areas.sum(left, top, right, bottom) > share * (right - left) * (bottom - top)) out[index] = 1;
  });
  return out;
}
