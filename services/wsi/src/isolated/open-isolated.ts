import { StromaError } from '@stroma/core/errors';
import { levelOf, type SlideFile } from '../slide-file.ts';
import type { SlideStructure, StructureLevel } from '../slide-structure.ts';
import type { Frame } from './frames.ts';
import { ChildLost, lostError } from './lost.ts';
import type { Answer, Call, Failure } from './messages.ts';
import { type Limits, ReaderChild, usualLimits } from './reader-child.ts';
import { leaveSharedChild, sharedChild } from './shared-child.ts';

/**
 * Opens a slide as `openSlide` does, but in a child process: a file that crashes its reader, hangs it or makes it take
 * too much memory gives an error in words, and the next call finds a new child.
 */
export async function openIsolated(path: string, limits: Limits = usualLimits): Promise<SlideFile> {
  const seat = new Seat(path, limits);
  try {
    return new IsolatedSlide(seat, await seat.open());
  } catch (error) {
    seat.leave();
    throw error;
  }
}

class IsolatedSlide implements SlideFile {
  readonly structure: SlideStructure;
  readonly #seat: Seat;

  constructor(seat: Seat, structure: SlideStructure) {
    this.#seat = seat;
    this.structure = structure;
  }

  level(level: number): StructureLevel {
    return levelOf(this.structure, level);
  }

  async tile(level: number, column: number, row: number): Promise<Buffer> {
    return (await this.#seat.ask({ kind: 'tile', level, column, row })).bytes;
  }

  async decodedTile(level: number, column: number, row: number, into?: Buffer): Promise<Buffer> {
    const { bytes } = await this.#seat.ask({ kind: 'decodedTile', level, column, row });
    if (!into || into.length < bytes.length) return bytes;
    bytes.copy(into);
    return into.subarray(0, bytes.length);
  }

  async region(level: number, x: number, y: number, width: number, height: number): Promise<Buffer> {
    return (await this.#seat.ask({ kind: 'region', level, x, y, width, height })).bytes;
  }

  async close(): Promise<void> {
    await this.#seat.close();
  }
}

let nextSlide = 0;

/** Where a slide is read: in the child that all share, and after it may have brought that one down in one of its own. */
class Seat {
  readonly #path: string;
  readonly #limits: Limits;
  readonly #slide: number;
  #child: ReaderChild | undefined;
  #opening: Promise<SlideStructure> | undefined;
  #isSuspect: boolean;
  #isClosed = false;

  constructor(path: string, limits: Limits) {
    this.#path = path;
    this.#limits = limits;
    // Other limits than the usual ones are those of a child of its own.
    this.#isSuspect = limits !== usualLimits;
    nextSlide += 1;
    this.#slide = nextSlide;
  }

  async open(): Promise<SlideStructure> {
    return await this.#carryOut('opening it', (_, structure) => Promise.resolve(structure));
  }

  async ask(call: Call): Promise<Frame<Answer>> {
    return await this.#carryOut(JSON.stringify(call), (child) => askOf(child, this.#slide, call));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    // A child of its own ends with the slide; the shared one is told.
    if (child && !child.isLost && !this.#isSuspect) {
      await askOf(child, this.#slide, { kind: 'close' }).catch(() => undefined);
    }
    this.leave();
  }

  leave(): void {
    if (this.#isSuspect) this.#child?.end();
    else if (this.#child) leaveSharedChild(this.#child);
    this.#child = undefined;
  }

  async #carryOut<T>(where: string, work: (child: ReaderChild, structure: SlideStructure) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      if (this.#isClosed) throw new Error('the slide is closed');
      try {
        const child = this.#take();
        this.#opening ??= this.#openIn(child);
        return await work(child, await this.#opening);
      } catch (error) {
        if (!(error instanceof ChildLost)) throw error;
        if (error.call === 'alone' || attempt >= maxAttempts) throw lostError(error.reason, where);
        if (error.call === 'shared') this.#suspect();
      }
    }
  }

  async #openIn(child: ReaderChild): Promise<SlideStructure> {
    try {
      return structureOf(await askOf(child, this.#slide, { kind: 'open', path: this.#path }));
    } catch (error) {
      if (this.#child === child) this.#opening = undefined;
      throw error;
    }
  }

  #take(): ReaderChild {
    if (this.#child?.isLost) {
      this.leave();
      this.#opening = undefined;
    }
    this.#child ??= this.#isSuspect ? new ReaderChild(this.#limits) : sharedChild();
    return this.#child;
  }

  /** The slide may be the one that brought the shared child down: its next calls are answered by one of its own. */
  #suspect(): void {
    if (this.#isSuspect) return;
    this.leave();
    this.#opening = undefined;
    this.#isSuspect = true;
  }
}

const maxAttempts = 2;

async function askOf(child: ReaderChild, slide: number, call: Call): Promise<Frame<Answer>> {
  const frame = await child.ask(slide, call);
  if (frame.header.failure) throw errorOf(frame.header.failure);
  return frame;
}

function structureOf({ header }: Frame<Answer>): SlideStructure {
  if (!header.structure) throw new Error('the child opened a slide without saying what it is');
  return header.structure;
}

function errorOf({ message, problem, status, code }: Failure): Error {
  if (problem) return new StromaError(problem, status);
  return Object.assign(new Error(message), code ? { code } : {});
}
