/**
 * RGB over white from OpenSlide's premultiplied BGRA. Outside the slide alpha is 0; at an edge that falls between two
 * px it is the covered share, and the rest of the px is white like the outside.
 */
export function rgbOverWhite(bgra: Buffer, into: Buffer): void {
  const pixels = bgra.length / 4;
  for (let i = 0; i < pixels; i += 1) {
    const at = i * 4;
    const white = 255 - (bgra[at + 3] ?? 0);
    into[i * 3] = (bgra[at + 2] ?? 0) + white;
    into[i * 3 + 1] = (bgra[at + 1] ?? 0) + white;
    into[i * 3 + 2] = (bgra[at] ?? 0) + white;
  }
}
