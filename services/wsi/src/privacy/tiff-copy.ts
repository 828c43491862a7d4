import type { FileHandle } from 'node:fs/promises';
import type { PixelSpacing } from '@stroma/core/units';
import { jpegHeader } from '../jpeg-header.ts';
import { aperioHeader } from '../tiff/aperio.ts';
import { compressionName, tag } from '../tiff/tags.ts';
import { type TiffFormat, tiffKind } from '../tiff/tiff-kind.ts';
import { maxJpeg2000Bytes, type Scrub } from './copy-extents.ts';
import { type Extents, placesOf, planExtents } from './extents.ts';
import { refuseCopy } from './refuse-copy.ts';
import { JpegScrubber } from './scrub-jpeg.ts';
import { TiffFile } from './tiff-fields.ts';
import { type HeadField, TiffHead } from './tiff-head.ts';
import { sortImages, type TiffImage, type TiffImages } from './tiff-images.ts';

/** A TIFF to be written: a head, the kept pixels of the source, and our own thumbnail at the end. */
export interface TiffCopy {
  head: Buffer;
  extents: Extents;
  scrub: Scrub;
  tail: Buffer;
}

export interface TiffCopyOptions {
  /** Of level 0; stands in the resolution tags where the file's scale was only in a text that is left out. */
  spacing: PixelSpacing | null;
  /** JPEG, made of the scan. Aperio's readers expect one behind level 0. */
  thumbnail: Buffer;
}

const stripOffsets = 273;
const stripByteCounts = 279;
/** Fields of numbers that say how pixels are stored. All others are left out, whatever they are. */
const kept = new Set<number>([
  254, 256, 257, 258, 259, 262, 266, 274, 277, 278, 282, 283, 284, 296, 317, 322, 323, 338, 339, 529, 530, 531, 532,
  32997,
]);
/** NDPI: format, magnification, place on the glass, focus, and where the restart intervals begin. */
const keptOfNdpi = [65420, 65421, 65422, 65423, 65424, 65426];
/** No such field of a slide is longer; one that is could hold a text as numbers. */
const maxKeptBytes = 64;
const mcuStarts = 65426;

const scrubs: Record<number, Scrub> = {
  1: 'nothing',
  5: 'nothing',
  7: 'jpeg',
  8: 'nothing',
  32773: 'nothing',
  32946: 'nothing',
  33003: 'jpeg2000',
  33005: 'jpeg2000',
};
const formats: TiffFormat[] = ['aperio-svs', 'generic-tiff', 'ome-tiff', 'huron-tiff', 'hamamatsu-ndpi'];
const maxClassicBytes = 0xffff_ffff;

/** Plans the copy of a TIFF, or refuses it; reads no pixels. */
export async function planTiffCopy(
  path: string,
  handle: FileHandle,
  { spacing, thumbnail }: TiffCopyOptions,
): Promise<TiffCopy> {
  const { size } = await handle.stat();
  const format = (await tiffKind(path))?.format;
  if (!format || !formats.includes(format)) refuseCopy(format ?? 'no TIFF');
  if (format === 'hamamatsu-ndpi' && size > maxClassicBytes) refuseCopy('an NDPI file of more than 4 GB');
  const file = await TiffFile.read(handle, size);
  const { levels } = await sortImages(file, format);
  const images = await Promise.all(levels.map((image) => storedImage(file, image)));
  const finest = images[0];
  if (!finest) refuseCopy('no image of the scan');
  const scrub = await scrubOf(file, images);
  const extents = planExtents(
    images.map(({ offsets }) => offsets),
    images.map(({ counts }) => counts),
  );
  if (scrub === 'jpeg2000' && extents.length.some((bytes) => bytes > maxJpeg2000Bytes)) {
    refuseCopy('a JPEG 2000 image in one piece');
  }
  const big = file.big || extents.bytes + thumbnail.length + 64 * 1024 * 1024 > maxClassicBytes;
  const head = new TiffHead(file.littleEndian, big);
  const describe = format === 'aperio-svs' ? aperioText(finest.image) : undefined;
  const scale = { finest: finest.image, spacing: format === 'ome-tiff' || !finest.fields.has(282) ? spacing : null };
  const write = async (base: number): Promise<HeadField[][]> => {
    const directories = await Promise.all(
      images.map((image) => levelFields(file, head, image, { base, extents, describe, scale, format })),
    );
    if (describe) directories.splice(1, 0, thumbnailFields(head, thumbnail, base + extents.bytes, describe));
    return directories;
  };
  // Offsets take the same room whatever they are.
  const base = head.size(await write(0));
  return { head: head.write(await write(base)), extents, scrub, tail: describe ? thumbnail : Buffer.alloc(0) };
}

interface StoredImage {
  image: TiffImage;
  fields: TiffImage['directory']['fields'];
  offsets: Float64Array;
  counts: Float64Array;
}

async function storedImage(file: TiffFile, image: TiffImage): Promise<StoredImage> {
  const { directory, tiled } = image;
  const offsets = await file.numbers(directory, tiled ? tag.tileOffsets : stripOffsets);
  const counts = await file.numbers(directory, tiled ? tag.tileByteCounts : stripByteCounts);
  if (offsets.length === 0 || offsets.length !== counts.length) {
    refuseCopy(
      `${offsets.length} positions and ${counts.length} lengths of tiles`,
      `image directory ${directory.index}`,
    );
  }
  return { image, fields: directory.fields, offsets, counts };
}

async function scrubOf(file: TiffFile, images: StoredImage[]): Promise<Scrub> {
  const found = new Set<Scrub>();
  for (const { image } of images) {
    const compression = (await file.number(image.directory, tag.compression)) ?? 1;
    found.add(
      scrubs[compression] ?? refuseCopy(compressionName(compression), `image directory ${image.directory.index}`),
    );
  }
  const [scrub, another] = found;
  if (!scrub || another) refuseCopy('levels of different compressions');
  return scrub;
}

interface LevelOptions {
  base: number;
  extents: Extents;
  describe: ((image: TiffImage) => string) | undefined;
  scale: { finest: TiffImage; spacing: PixelSpacing | null };
  format: TiffFormat;
}

async function levelFields(
  file: TiffFile,
  head: TiffHead,
  { image, fields, offsets, counts }: StoredImage,
  { base, extents, describe, scale, format }: LevelOptions,
): Promise<HeadField[]> {
  const out = new Map<number, HeadField>();
  const put = (field: HeadField) => out.set(field.tag, field);
  for (const field of fields.values()) {
    const isKept = kept.has(field.tag) || (format === 'hamamatsu-ndpi' && keptOfNdpi.includes(field.tag));
    const isText = field.type === 2 || field.type === 7;
    if (!isKept || isText || (field.bytes > maxKeptBytes && field.tag !== mcuStarts)) continue;
    const { tag, type, count } = field;
    put({ tag, type, count, bytes: await file.bytes(field) });
  }
  const tables = fields.get(tag.jpegTables);
  if (tables) {
    const bytes = new JpegScrubber().scrub(await file.bytes(tables));
    put({ tag: tag.jpegTables, type: 7, count: bytes.length, bytes });
  }
  put(head.offsets(image.tiled ? tag.tileOffsets : stripOffsets, placesOf(extents, offsets, counts, base)));
  put(head.offsets(image.tiled ? tag.tileByteCounts : stripByteCounts, counts));
  if (describe) put(head.ascii(tag.imageDescription, describe(image)));
  // What was a sub-directory of another level stands in the chain now, and says that it is a smaller copy.
  else if (image !== scale.finest && format !== 'hamamatsu-ndpi') put(head.offsets(tag.newSubfileType, [1]));
  if (scale.spacing) {
    const perCentimetre = (mpp: number, full: number, side: number) => ((10_000 / mpp) * side) / full;
    put(head.rational(tag.xResolution, perCentimetre(scale.spacing.x, scale.finest.width, image.width)));
    put(head.rational(tag.yResolution, perCentimetre(scale.spacing.y, scale.finest.height, image.height)));
    put(head.shorts(tag.resolutionUnit, 3));
  }
  return [...out.values()];
}

/** Aperio's header with nothing but sizes, magnification and scale. */
function aperioText(finest: TiffImage): (image: Pick<TiffImages['levels'][number], 'width' | 'height'>) => string {
  const { objective, mpp } = aperioHeader(finest.description) ?? { objective: null, mpp: null };
  const keys = [objective === null ? '' : `|AppMag = ${objective}`, mpp === null ? '' : `|MPP = ${mpp.x}`].join('');
  const full = `${finest.width}x${finest.height}`;
  return ({ width, height }) => {
    const size = width === finest.width ? full : `${full} -> ${width}x${height}`;
    return `Aperio Image Library, de-identified by Stroma\r\n${size}${keys}`;
  };
}

/** One strip that is a JPEG of its own. */
function thumbnailFields(
  head: TiffHead,
  jpeg: Buffer,
  place: number,
  describe: (size: { width: number; height: number }) => string,
): HeadField[] {
  const { width, height } = jpegHeader(jpeg) ?? refuseCopy('a thumbnail that is no JPEG');
  return [
    head.shorts(256, width),
    head.shorts(257, height),
    head.shorts(258, 8, 8, 8),
    head.shorts(259, 7),
    head.shorts(262, 6),
    head.ascii(270, describe({ width, height })),
    head.offsets(stripOffsets, [place]),
    head.shorts(277, 3),
    head.shorts(278, height),
    head.offsets(stripByteCounts, [jpeg.length]),
    head.shorts(284, 1),
    head.shorts(530, 1, 1),
  ];
}
