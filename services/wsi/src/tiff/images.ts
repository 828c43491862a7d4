import { associatedName, isAperio } from './aperio.ts';
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
  /** `other` for an image that does not say of itself that it shows label or slide as a whole. */
  name: string;
}

/**
 * The slide itself comes first: images that name themselves label or macro come last, before them those in strips,
 * which may be larger than a small slide in tiles; then by size, and of equally large ones the first of the file.
 */
export async function readImages(directories: TiffDirectory[]): Promise<TiffImage[]> {
  const aperio = isAperio((await directories[0]?.text(tag.imageDescription)) ?? '');
  const images = await Promise.all(directories.map((directory) => readImage(directory, aperio)));
  const rank = ({ name, layout }: TiffImage) => (name !== 'other' ? 2 : layout.tiled ? 0 : 1);
  return images.sort((a, b) => rank(a) - rank(b) || b.width * b.height - a.width * a.height);
}

async function readImage(directory: TiffDirectory, aperio: boolean): Promise<TiffImage> {
  const layout = await readPixelLayout(directory);
  const description = await directory.text(tag.imageDescription);
  const subfileType = (await directory.number(tag.newSubfileType)) ?? 0;
  return {
    directory,
    layout,
    width: (await directory.number(tag.imageWidth)) ?? 0,
    height: (await directory.number(tag.imageLength)) ?? 0,
    reduced: (subfileType & 1) === 1,
    // Aperio marks label and macro by the type, but tiles are levels whatever their type says.
    name: layout.tiled
      ? associatedName(description, 0, -1, aperio)
      : associatedName(description, subfileType, directory.index, aperio),
  };
}
