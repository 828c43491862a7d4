import type { TiffDirectory } from './directory.ts';
import { type PixelLayout, readPixelLayout } from './pixel-layout.ts';
import type { Size } from './pyramid.ts';
import { tag } from './tags.ts';

/** One image of a TIFF: a level, a label, a macro picture or anything else. */
export interface TiffImage extends Size {
  directory: TiffDirectory;
  layout: PixelLayout;
  /** NewSubfileType says that it is a smaller copy of another image; writers disagree about it. */
  reduced: boolean;
}

/** Largest first; of equally large ones the first of the file. */
export async function readImages(directories: TiffDirectory[]): Promise<TiffImage[]> {
  const images = await Promise.all(
    directories.map(async (directory) => ({
      directory,
      layout: await readPixelLayout(directory),
      width: (await directory.number(tag.imageWidth)) ?? 0,
      height: (await directory.number(tag.imageLength)) ?? 0,
      reduced: (((await directory.number(tag.newSubfileType)) ?? 0) & 1) === 1,
    })),
  );
  return images.sort((a, b) => b.width * b.height - a.width * a.height);
}
