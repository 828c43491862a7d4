import { associatedName } from '../tiff/aperio.ts';
import { type Size, sameProportions } from '../tiff/pyramid.ts';
import { tag } from '../tiff/tags.ts';
import type { TiffFormat } from '../tiff/tiff-kind.ts';
import type { TiffFields, TiffFile } from './tiff-fields.ts';

const ndpiSourceLens = 65421;

export interface TiffImage extends Size {
  directory: TiffFields;
  tiled: boolean;
  description: string;
}

export interface TiffImages {
  /** Pictures of the scan itself: the largest one and those of its proportions, stored like it. Finest first. */
  levels: TiffImage[];
  /** What else there is; none of it is looked at, copied or served. */
  others: { image: TiffImage; name: 'label' | 'macro' | 'thumbnail' | 'other' }[];
}

/** Sorts the images of a file. What cannot be told to be of the scan counts as one that shows the label. */
export async function sortImages(file: TiffFile, format: TiffFormat): Promise<TiffImages> {
  const images = await Promise.all(file.directories.map((directory) => imageOf(file, directory)));
  const names = new Map<TiffImage, string>();
  for (const image of images) names.set(image, await nameOf(file, image, format));
  const ofScan = images.filter((image) => names.get(image) === 'other');
  const bySize = ofScan.sort((a, b) => b.width * b.height - a.width * a.height);
  const finest = bySize.find(({ tiled }) => tiled) ?? bySize[0];
  const levels = bySize.filter((image) => {
    return finest && image.tiled === finest.tiled && (isSameSize(finest, image) || sameProportions(finest, image));
  });
  const others = images.filter((image) => !levels.includes(image));
  return {
    levels,
    others: others.map((image) => ({ image, name: names.get(image) as TiffImages['others'][number]['name'] })),
  };
}

async function imageOf(file: TiffFile, directory: TiffFields): Promise<TiffImage> {
  return {
    directory,
    width: (await file.number(directory, tag.imageWidth)) ?? 0,
    height: (await file.number(directory, tag.imageLength)) ?? 0,
    tiled: directory.fields.has(tag.tileOffsets) && directory.fields.has(tag.tileWidth),
    description: await file.text(directory, tag.imageDescription),
  };
}

/** `other` for an image that does not say of itself that it is none of the scan. */
async function nameOf(file: TiffFile, image: TiffImage, format: TiffFormat): Promise<string> {
  const { directory, description, tiled } = image;
  if (format === 'hamamatsu-ndpi') {
    // -1 stands for the macro image, -2 for the map of the scanned areas.
    const lens = (await file.number(directory, ndpiSourceLens)) ?? 0;
    return lens > 0 ? 'other' : lens === -1 ? 'macro' : 'thumbnail';
  }
  const word = /(^|\n)\s*(label|macro|thumbnail|overview)(\b|_)/i.exec(description)?.[2]?.toLowerCase();
  if (word) return word === 'overview' ? 'macro' : word;
  const subfileType = (await file.number(directory, tag.newSubfileType)) ?? 0;
  const aperio = format === 'aperio-svs';
  return associatedName(description, aperio && tiled ? 0 : subfileType, tiled ? -1 : directory.index, aperio);
}

const isSameSize = (a: Size, b: Size) => a.width === b.width && a.height === b.height;
