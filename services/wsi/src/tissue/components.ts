export interface Component {
  /** Indexes of its px; valid during the call only. */
  pixels: Int32Array;
  touchesRim: boolean;
}

/** Every connected piece (4 neighbours) of the px that are 1. */
export function eachComponent(
  mask: Uint8Array,
  width: number,
  height: number,
  each: (component: Component) => void,
): void {
  const left = mask.slice();
  const queue = new Int32Array(mask.length);
  for (let start = 0; start < left.length; start += 1) {
    if (left[start] === 0) continue;
    left[start] = 0;
    queue[0] = start;
    let count = 1;
    let touchesRim = false;
    const visit = (index: number) => {
      if (left[index] === 0) return;
      left[index] = 0;
      queue[count] = index;
      count += 1;
    };
    for (let next = 0; next < count; next += 1) {
      const index = queue[next] ?? 0;
      const x = index % width;
      const inside = x > 0 && x < width - 1 && index >= width && index < (height - 1) * width;
      if (!inside) touchesRim = true;
      if (x > 0) visit(index - 1);
      if (x < width - 1) visit(index + 1);
      if (index >= width) visit(index - width);
      if (index < (height - 1) * width) visit(index + width);
    }
    each({ pixels: queue.subarray(0, count), touchesRim });
  }
}

/** Takes away pieces of fewer px than `least`. */
export function withoutSmall(mask: Uint8Array, width: number, height: number, least: number): Uint8Array {
  const out = mask.slice();
  eachComponent(mask, width, height, ({ pixels }) => {
    if (pixels.length >= least) return;
    for (const index of pixels) out[index] = 0;
  });
  return out;
}
