/** Uniform numbers that a seed fixes (mulberry32): the same on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A stream of its own for a part of the picture, so that a change of one part leaves the others as they were. */
  static of(...parts: number[]): Random {
    let state = 0x9e3779b9;
    for (const part of parts) state = Math.imul(state ^ part, 0x85ebca6b) ^ (state >>> 13);
    return new Random(state);
  }

  /** 0 ≤ x < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  whole(count: number): number {
    return Math.floor(this.next() * count);
  }
}
