import koffi, { type LibraryHandle } from 'koffi';
import { refuse } from '../refusal.ts';

/** An openslide_t. */
export type Pointer = bigint;

/** OpenSlide's C functions (openslide.h). Those that read the file run on the thread pool. */
export interface OpenSlideLibrary {
  version: string;
  detectVendor(path: string): Promise<string | null>;
  open(path: string): Promise<Pointer | null>;
  close(slide: Pointer): void;
  error(slide: Pointer): string | null;
  property(slide: Pointer, name: string): string | null;
  associatedImageNames(slide: Pointer): string[];
  levelCount(slide: Pointer): number;
  levelSize(slide: Pointer, level: number): { width: number; height: number };
  levelDownsample(slide: Pointer, level: number): number;
  /** Fills `into` with width × height px of premultiplied BGRA; x0, y0 in level-0 px, width and height in level px. */
  readRegion(
    slide: Pointer,
    into: Buffer,
    x0: number,
    y0: number,
    level: number,
    width: number,
    height: number,
  ): Promise<void>;
}

let loaded: OpenSlideLibrary | undefined;

/** Loaded once a process, from the file that STROMA_OPENSLIDE names. */
export function openSlideLibrary(): OpenSlideLibrary {
  const file = process.env.STROMA_OPENSLIDE;
  if (!file) refuseMissing('no library (STROMA_OPENSLIDE is not set)');
  try {
    loaded ??= bind(file);
  } catch (error) {
    refuseMissing(error instanceof Error ? error.message : String(error));
  }
  return loaded;
}

function bind(file: string): OpenSlideLibrary {
  const library = koffi.load(file);
  const detectVendor = library.func('const char *openslide_detect_vendor(const char *filename)');
  const open = library.func('void *openslide_open(const char *filename)');
  const close = library.func('void openslide_close(void *osr)');
  const error = library.func('const char *openslide_get_error(void *osr)');
  const property = library.func('const char *openslide_get_property_value(void *osr, const char *name)');
  const names = library.func('const char *const *openslide_get_associated_image_names(void *osr)');
  const levelCount = library.func('int32_t openslide_get_level_count(void *osr)');
  const levelSize = library.func(
    'void openslide_get_level_dimensions(void *osr, int32_t level, _Out_ int64_t *w, _Out_ int64_t *h)',
  );
  const levelDownsample = library.func('double openslide_get_level_downsample(void *osr, int32_t level)');
  const readRegion = library.func(
    'void openslide_read_region(void *osr, void *dest, int64_t x, int64_t y, int32_t level, int64_t w, int64_t h)',
  );
  const version: string = library.func('const char *openslide_get_version()')();
  const shareCache = cacheOfAll(library, version);
  return {
    version,
    detectVendor: (path) => onThreadPool(detectVendor, path),
    async open(path) {
      const slide = await onThreadPool<Pointer | null>(open, path);
      if (slide) shareCache(slide);
      return slide;
    },
    close,
    error,
    property,
    associatedImageNames: (slide) => textsOf(names(slide)),
    levelCount,
    levelSize(slide, level) {
      const width = [0];
      const height = [0];
      levelSize(slide, level, width, height);
      return { width: width[0] ?? 0, height: height[0] ?? 0 };
    },
    levelDownsample,
    readRegion: (...args) => onThreadPool(readRegion, ...args),
  };
}

/** Decoded tiles of all slides together; by itself OpenSlide keeps 32 MB a slide. */
const cacheBytes = 64 * 1024 * 1024;

function cacheOfAll(library: LibraryHandle, version: string): (slide: Pointer) => void {
  // Version 3 has no cache to share.
  if (Number.parseInt(version, 10) < 4) return () => undefined;
  const cache: Pointer = library.func('void *openslide_cache_create(size_t capacity)')(cacheBytes);
  const setCache = library.func('void openslide_set_cache(void *osr, void *cache)');
  return (slide) => setCache(slide, cache);
}

function onThreadPool<T>(call: ReturnType<LibraryHandle['func']>, ...args: unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: Error | null, result: T) => (error ? reject(error) : resolve(result)));
  });
}

/** A list of C strings that ends with a null pointer. */
function textsOf(list: Pointer): string[] {
  const texts: string[] = [];
  for (let i = 0; ; i += 1) {
    const text: string | null = koffi.decode(list, i * koffi.sizeof('void *'), 'char *');
    if (text === null) return texts;
    texts.push(text);
  }
}

function refuseMissing(found: string): never {
  refuse('openslide_missing', {
    message: 'This slide’s format is read by OpenSlide, which is not installed here.',
    expected: 'OpenSlide’s shared library, version 4',
    found,
    where: 'the environment variable STROMA_OPENSLIDE',
    remedy: 'Run npm run setup, which installs it, start Stroma again and upload the slide again.',
  });
}
