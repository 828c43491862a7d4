import type { Call } from './messages.ts';

export interface Limits {
  /** For one call once it has its turn; a region has more by its size. */
  callMs: number;
  /** Resident memory of a child; it may take more while it reads large regions. */
  memoryBytes: number;
}

export const usualLimits: Limits = { callMs: 5_000, memoryBytes: 512e6 };

const pixelsASecond = 2_000_000;
/** OpenSlide's BGRA, RGB, and a copy on its way. */
const bytesAPixel = 10;

export function timeLimitMs({ callMs }: Limits, call: Call): number {
  return callMs + (1000 * regionPixels(call)) / pixelsASecond;
}

export function memoryLimitBytes({ memoryBytes }: Limits, calls: readonly Call[]): number {
  return calls.reduce((sum, call) => sum + bytesAPixel * regionPixels(call), memoryBytes);
}

function regionPixels(call: Call): number {
  return call.kind === 'region' ? call.width * call.height : 0;
}
