const grouped = new Intl.NumberFormat('en-US');

/** 12,480 */
export const count = (value: number) => grouped.format(value);

/** `1 slide`, `36 slides` */
export const counted = (value: number, noun: string, plural = `${noun}s`) =>
  `${count(value)} ${value === 1 ? noun : plural}`;

/** Three significant digits, without exponents for everyday sizes. */
export function figure(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1000) return count(Math.round(value));
  if (size < 0.001) return value.toExponential(1);
  return value.toPrecision(3);
}

export const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
