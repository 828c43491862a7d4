import { availableParallelism } from 'node:os';
import { Cutter, cutterLimits } from './cutter.ts';

/** The processes that cut, one a core: started when they are needed, and kept for the next slide. */
export class Cutters {
  readonly #count: number;
  readonly #limits: typeof cutterLimits;
  #running: Cutter[] = [];

  constructor(count = availableParallelism(), limits = cutterLimits) {
    this.#count = count;
    this.#limits = limits;
  }

  /** The one that plans. */
  first(): Cutter {
    const [cutter] = this.take(1);
    return cutter ?? new Cutter(this.#limits);
  }

  /** As many as there are blocks, at most one a core. */
  take(blocks: number): Cutter[] {
    this.#running = this.#running.filter((cutter) => !cutter.ended);
    const count = Math.min(blocks, this.#count);
    while (this.#running.length < count) this.#running.push(new Cutter(this.#limits));
    return this.#running.slice(0, count);
  }

  /** The one of all that has the least to do. */
  idlest(): Cutter {
    return this.take(this.#count).reduce((least, cutter) => (cutter.pending < least.pending ? cutter : least));
  }

  /** The slide is done, or given up: what still works on it is ended. */
  endSlide(): void {
    for (const cutter of this.#running) {
      if (cutter.pending > 0) cutter.kill();
      else if (!cutter.ended) cutter.closeSlide();
    }
    this.#running = this.#running.filter((cutter) => cutter.pending === 0);
  }

  close(): void {
    for (const cutter of this.#running) cutter.kill();
    this.#running = [];
  }
}
