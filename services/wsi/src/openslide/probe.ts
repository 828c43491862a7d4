import { asProblem } from '@stroma/core/errors';
import { copyRemedy, refuse } from '../refusal.ts';
import type { SlideFile } from '../slide-file.ts';

/** Places tried on a level before the slide is given up, as shares of its sides: its middle and three others. */
const places = [0.5, 0.25, 0.75, 0];

/** Really decodes a tile of every level, so that a slide that cannot be read is refused at the door. */
export async function probeLevels(slide: SlideFile): Promise<void> {
  for (const { level, width, height, tileWidth, tileHeight } of slide.structure.levels) {
    const damage: string[] = [];
    for (const place of places) {
      const column = Math.floor((place * width) / tileWidth);
      const row = Math.floor((place * height) / tileHeight);
      const found = await slide.decodedTile(level, column, row).then(() => undefined, reason);
      if (found === undefined) break;
      damage.push(found);
    }
    if (damage.length === places.length) refuseUnreadable(level, damage[0] ?? '');
    if (damage.length > 0) slide.structure.quirks.push(`a part of the level of ${width} × ${height} px is damaged`);
  }
}

function reason(error: unknown): string {
  return asProblem(error).found ?? String(error);
}

function refuseUnreadable(level: number, found: string): never {
  refuse('unreadable', {
    message: 'The slide’s pixels cannot be read; the file is damaged.',
    expected: 'pixels that OpenSlide can decode',
    found,
    where: `level ${level}`,
    remedy: copyRemedy,
  });
}
