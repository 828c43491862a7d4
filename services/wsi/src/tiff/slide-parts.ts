import { aperioHeader } from './aperio.ts';
import type { TiffDirectory } from './directory.ts';
import { type Header, noHeader } from './header.ts';
import type { TiffImage } from './images.ts';
import { omeHeader } from './ome.ts';
import { philipsHeader } from './philips.ts';
import { findPyramid, type Pyramid, philipsPyramid } from './pyramid.ts';
import { tag } from './tags.ts';
import type { TiffFormat } from './tiff-kind.ts';

export interface SlideParts {
  header: Header;
  pyramid: Pyramid;
  /** Level-0 px per px of each level, where the format states them; its stored sizes are filled up to whole tiles. */
  downsamples: number[] | undefined;
  /** Images of the file that are never served. */
  associated: string[];
}

/** What the file's own header says, and which of its images are the slide. */
export async function readParts(
  format: TiffFormat,
  first: TiffDirectory | undefined,
  images: TiffImage[],
  finest: TiffImage,
): Promise<SlideParts> {
  const description = (await first?.text(tag.imageDescription)) ?? '';
  if (format === 'philips-tiff') {
    const header = philipsHeader(description);
    const pyramid = philipsPyramid(images, finest, header.downsamples.length);
    return { header, pyramid, downsamples: header.downsamples, associated: names(pyramid, header) };
  }
  const pyramid = findPyramid(images, finest);
  if (format === 'ome-tiff') {
    const header = omeHeader(description, finest.width, finest.height);
    return { header, pyramid, downsamples: undefined, associated: names(pyramid, header, header.nameOf) };
  }
  const header = aperioHeader(description) ?? noHeader;
  return { header, pyramid, downsamples: undefined, associated: names(pyramid, header) };
}

function names(
  { others }: Pyramid,
  { associated }: Header,
  nameOf?: (width: number, height: number) => string | undefined,
): string[] {
  const found = others.map(({ width, height, name }) => nameOf?.(width, height) ?? name);
  return [...found, ...associated.filter((name) => !found.includes(name))];
}
