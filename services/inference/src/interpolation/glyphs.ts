/**
 * Letters of 5 × 7 px for the mark in a synthetic picture: a file that is passed on must say what it is on any machine,
 * whatever fonts it has. Rows from the top, five bits each.
 */
const glyphs: Record<string, readonly number[]> = {
  S: [15, 16, 16, 14, 1, 1, 30],
  Y: [17, 17, 10, 4, 4, 4, 4],
  N: [17, 25, 21, 19, 17, 17, 17],
  T: [31, 4, 4, 4, 4, 4, 4],
  H: [17, 17, 17, 31, 17, 17, 17],
  E: [31, 16, 16, 30, 16, 16, 31],
  I: [14, 4, 4, 4, 4, 4, 14],
  C: [14, 17, 16, 16, 16, 17, 14],
  A: [14, 17, 17, 31, 17, 17, 17],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 6, 8, 16, 31],
  '3': [30, 1, 1, 14, 1, 1, 30],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [14, 16, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 1, 14],
  '.': [0, 0, 0, 0, 0, 12, 12],
};

const advance = 6;

/** Pixels that a text covers. */
export const textWidth = (text: string) => text.length * advance - 1;

/** White letters into interleaved RGB of this width, from the top left pixel of the first letter on. */
export function writeText(rgb: Uint8Array, width: number, text: string, x: number, y: number): void {
  for (const [index, letter] of [...text].entries()) {
    for (const [row, bits] of (glyphs[letter] ?? []).entries()) {
      for (let column = 0; column < 5; column += 1) {
        if ((bits >> (4 - column)) & 1) {
          const at = ((y + row) * width + x + index * advance + column) * 3;
          rgb.fill(255, at, at + 3);
        }
      }
    }
  }
}
