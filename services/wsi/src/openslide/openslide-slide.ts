import { StromaError } from '@stroma/core/errors';
import { encodeJpeg } from '../jpeg.ts';
import { copyRemedy } from '../refusal.ts';
import { checkRegion, levelOf, outside, type SlideFile } from '../slide-file.ts';
import type { SlideStructure, StructureLevel } from '../slide-structure.ts';
import { OpenSlideHandle } from './handle.ts';
import { type OpenSlideLibrary, openSlideLibrary } from './library.ts';
import { rgbOverWhite } from './pixels.ts';
import { probeLevels } from './probe.ts';
import { readStructure } from './structure.ts';

/** Opens a slide by its entry file; the other files of the slide lie where its vendor puts them, beside it. */
export async function openOpenSlide(path: string): Promise<SlideFile> {
  const library = openSlideLibrary();
  const handle = await OpenSlideHandle.open(library, path);
  let slide: OpenSlideSlide | undefined;
  try {
    slide = new OpenSlideSlide(library, path, handle, readStructure(library, handle.slide));
    await probeLevels(slide);
    return slide;
  } catch (error) {
    await (slide ? slide.close() : handle.retire());
    throw error;
  }
}

/** For looking at; crops never come from it. */
const viewerQuality = 90;

class OpenSlideSlide implements SlideFile {
  readonly structure: SlideStructure;
  readonly #library: OpenSlideLibrary;
  readonly #path: string;
  #handle: Promise<OpenSlideHandle>;
  #isClosed = false;

  constructor(library: OpenSlideLibrary, path: string, handle: OpenSlideHandle, structure: SlideStructure) {
    this.#library = library;
    this.#path = path;
    this.#handle = Promise.resolve(handle);
    this.structure = structure;
  }

  level(level: number): StructureLevel {
    return levelOf(this.structure, level);
  }

  async tile(level: number, column: number, row: number): Promise<Buffer> {
    const { tileWidth, tileHeight } = this.level(level);
    return await encodeJpeg(await this.decodedTile(level, column, row), tileWidth, tileHeight, viewerQuality);
  }

  async decodedTile(level: number, column: number, row: number, into?: Buffer): Promise<Buffer> {
    const { width, height, tileWidth, tileHeight } = this.level(level);
    const across = Math.ceil(width / tileWidth);
    const down = Math.ceil(height / tileHeight);
    if (![column, row].every(Number.isInteger) || column < 0 || row < 0 || column >= across || row >= down) {
      throw outside(`column ${column}, row ${row} of level ${level}`, `${across} × ${down} tiles`);
    }
    const length = tileWidth * tileHeight * 3;
    const out = into && into.length >= length ? into.subarray(0, length) : Buffer.allocUnsafeSlow(length);
    await this.#read(level, column * tileWidth, row * tileHeight, tileWidth, tileHeight, out);
    return out;
  }

  async region(level: number, x: number, y: number, width: number, height: number): Promise<Buffer> {
    checkRegion({ x, y, width, height });
    const out = Buffer.alloc(width * height * 3, 255);
    const left = Math.max(x, 0);
    const top = Math.max(y, 0);
    const inWidth = x + width - left;
    const inHeight = y + height - top;
    if (inWidth <= 0 || inHeight <= 0) return out;
    // Left of and above the slide OpenSlide rounds towards it: what lies there is not asked for.
    const inside = inWidth === width && inHeight === height ? out : Buffer.allocUnsafeSlow(inWidth * inHeight * 3);
    await this.#read(level, left, top, inWidth, inHeight, inside);
    for (let row = 0; inside !== out && row < inHeight; row += 1) {
      const at = ((top - y + row) * width + left - x) * 3;
      inside.copy(out, at, row * inWidth * 3, (row + 1) * inWidth * 3);
    }
    return out;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // There is none when the file could not be opened again after an error.
    await (await this.#handle.catch(() => undefined))?.retire();
  }

  async #read(level: number, x: number, y: number, width: number, height: number, out: Buffer): Promise<void> {
    const { downsampleX, downsampleY } = this.level(level);
    const bgra = Buffer.allocUnsafeSlow(width * height * 4);
    const place = [Math.round(x * downsampleX), Math.round(y * downsampleY), level, width, height] as const;
    let handle = await this.#handle;
    // Between this check and the read nothing may be awaited: a handle that is retired in between would be closed.
    while (handle.isRetired && !this.#isClosed) handle = await this.#handle;
    if (this.#isClosed) throw new Error('the slide is closed');
    if ((await handle.read(bgra, ...place)) !== null) {
      // The error may be another read's: this one is tried once more, alone, before it is believed.
      this.#replace(handle);
      const alone = await OpenSlideHandle.open(this.#library, this.#path);
      const error = await alone.read(bgra, ...place).finally(() => alone.retire());
      if (error !== null) throw unreadable(error, `level ${level}, ${width} × ${height} px at ${x}, ${y}`);
    }
    rgbOverWhite(bgra, out);
  }

  /** Later reads get a handle that has met no error; the old one is closed after its last read. */
  #replace(broken: OpenSlideHandle): void {
    const current = this.#handle;
    this.#handle = current.then((handle) =>
      handle === broken && !this.#isClosed ? OpenSlideHandle.open(this.#library, this.#path) : handle,
    );
    const retire = () => broken.retire();
    void this.#handle.then((handle) => (handle === broken ? undefined : retire()), retire);
  }
}

function unreadable(found: string, where: string): StromaError {
  return new StromaError({
    code: 'slide.tile_damaged',
    message: 'A part of the slide is damaged.',
    expected: 'pixels that OpenSlide can decode',
    found,
    where,
    remedy: copyRemedy,
  });
}
