import { copyRemedy, exportRemedy, refuse } from '../refusal.ts';
import type { OpenSlideLibrary, Pointer } from './library.ts';

/**
 * An openslide_t that is closed only when no read is in flight. An error of one read makes every later call on it fail,
 * so whoever meets one opens another.
 */
export class OpenSlideHandle {
  readonly slide: Pointer;
  readonly #library: OpenSlideLibrary;
  #reads = 0;
  #retired = false;
  #idle: () => void = () => undefined;
  readonly #closed: Promise<void>;

  private constructor(library: OpenSlideLibrary, slide: Pointer) {
    this.slide = slide;
    this.#library = library;
    this.#closed = new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  static async open(library: OpenSlideLibrary, path: string): Promise<OpenSlideHandle> {
    const slide = await library.open(path);
    if (!slide) refuseUnopened('a file that OpenSlide does not recognise');
    const error = library.error(slide);
    if (error === null) return new OpenSlideHandle(library, slide);
    library.close(slide);
    refuseUnopened(error);
  }

  get isRetired(): boolean {
    return this.#retired;
  }

  /** The error of this or of another read on the same slide; null when all went well. */
  async read(into: Buffer, x0: number, y0: number, level: number, width: number, height: number) {
    this.#reads += 1;
    try {
      await this.#library.readRegion(this.slide, into, x0, y0, level, width, height);
      return this.#library.error(this.slide);
    } finally {
      this.#reads -= 1;
      this.#closeIfIdle();
    }
  }

  /** No read may be started after this; the promise ends when the last one has. */
  async retire(): Promise<void> {
    if (!this.#retired) {
      this.#retired = true;
      this.#closeIfIdle();
    }
    await this.#closed;
  }

  #closeIfIdle(): void {
    if (!this.#retired || this.#reads > 0) return;
    this.#library.close(this.slide);
    this.#idle();
  }
}

function refuseUnopened(found: string): never {
  refuse('not_opened', {
    message: 'OpenSlide, which reads slides of this format, cannot open this one.',
    expected: 'a whole slide of a kind that OpenSlide reads, with all its files in one folder',
    found,
    remedy: `${copyRemedy} ${exportRemedy}`,
  });
}
