import { StromaError } from '@stroma/core/errors';
import type { SlideStructure } from '../slide-structure.ts';
import type { Frame } from './frames.ts';
import { type Limits, usualLimits } from './limits.ts';
import { ChildLost, lostError } from './lost.ts';
import type { Answer, Call, Failure } from './messages.ts';
import { ReaderChild } from './reader-child.ts';
import { leaveSharedChild, sharedChild } from './shared-child.ts';

let nextSlide = 0;

/** Where a slide is read: in the child that all share, and after it may have brought that one down in one of its own. */
export class Seat {
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
    return await this.#carryOut('opening the file', (_, structure) => Promise.resolve(structure));
  }

  async ask(call: Call): Promise<Frame<Answer>> {
    return await this.#carryOut(placeOf(call), (child) => askOf(child, this.#slide, call));
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

function placeOf(call: Call): string {
  if (call.kind === 'region') return `level ${call.level}, ${call.width} × ${call.height} px at ${call.x}, ${call.y}`;
  if (call.kind === 'open' || call.kind === 'close') return 'the file';
  return `level ${call.level}, tile in column ${call.column}, row ${call.row}`;
}

function structureOf({ header }: Frame<Answer>): SlideStructure {
  if (!header.structure) throw new Error('the child opened a slide without saying what it is');
  return header.structure;
}

function errorOf({ message, problem, status, code }: Failure): Error {
  if (problem) return new StromaError(problem, status);
  return Object.assign(new Error(message), code ? { code } : {});
}
