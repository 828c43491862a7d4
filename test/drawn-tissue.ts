import { sharp } from '@stroma/wsi/bounded-sharp';
import type { Sharp } from 'sharp';
import { Random } from '../infra/demo/cohort-generator-random.ts';

/** Islands of tissue on glass; the seed decides where they lie, so that another seed is another slide. */
export function drawnTissue(seed: number, width = 800, height = 600): Sharp {
  const random = new Random(seed);
  const islands = Array.from({ length: 4 + random.whole(5) }, () => ({
    x: random.between(0.1, 0.9) * width,
    y: random.between(0.1, 0.9) * height,
    across: random.between(0.05, 0.25) * width,
    down: random.between(0.05, 0.25) * height,
    dark: random.between(0, 50),
  }));
  const rgb = Buffer.alloc(width * height * 3, 244);
  for (const { x, y, across, down, dark } of islands) {
    for (let py = Math.max(0, Math.ceil(y - down)); py < Math.min(height, y + down); py += 1) {
      const half = across * Math.sqrt(1 - ((py - y) / down) ** 2);
      for (let px = Math.max(0, Math.ceil(x - half)); px < Math.min(width, x + half); px += 1) {
        const at = (py * width + px) * 3;
        rgb[at] = 200 - dark + ((px * 7 + py * 3) % 30);
        rgb[at + 1] = 110 - dark + ((px ^ py) % 40);
        rgb[at + 2] = 170 - dark + (py % 25);
      }
    }
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}
