import type { SlideFingerprint } from '@stroma/db/slide-fingerprints';
import { pictureHash, pictureHashVariants } from '@stroma/wsi/fingerprint/picture-hash';
import { pixelHashes } from '@stroma/wsi/fingerprint/pixel-hash';
import type { RgbImage } from '@stroma/wsi/jpeg';
import type { SlideFile } from '@stroma/wsi/slide-file';

/** What a slide's copies in other files are found by. */
export async function fingerprintOf(slide: SlideFile, overview: RgbImage): Promise<SlideFingerprint> {
  const { width, height } = slide.level(0);
  const picture = pictureHash(overview);
  return {
    pixels: await pixelHashes(slide),
    pictures: picture === null ? [] : pictureHashVariants(picture),
    aspect: Math.max(width, height) / Math.min(width, height),
  };
}
