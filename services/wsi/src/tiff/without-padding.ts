import type { LevelTable } from './probe.ts';

/**
 * Gives every level the size that its downsample makes of the finest one: what Philips stores beyond it fills the last
 * tiles up, and pixels of the slide would seem to lie there.
 */
export function withoutPadding(levels: LevelTable[], downsamples: number[]): LevelTable[] {
  const finest = levels[0]?.table;
  if (!finest) return levels;
  return levels.map(({ ifd, table }, level) => {
    const downsample = downsamples[level] ?? 1;
    const width = Math.min(table.width, Math.max(1, Math.floor(finest.width / downsample)));
    const height = Math.min(table.height, Math.max(1, Math.floor(finest.height / downsample)));
    return { ifd, table: { ...table, width, height } };
  });
}
