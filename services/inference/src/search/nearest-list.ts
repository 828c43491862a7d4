/** The `limit` entries of the highest similarity, most similar first; of equal ones the first to come stays first. */
export class NearestList<T> {
  readonly #limit: number;
  readonly #entries: { similarity: number; value: T }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is not above this does not come in. */
  get bar(): number {
    return this.#entries.length < this.#limit
      ? Number.NEGATIVE_INFINITY
      : (this.#entries.at(-1)?.similarity ?? Number.NEGATIVE_INFINITY);
  }

  add(similarity: number, value: T): void {
    if (!(similarity > this.bar)) return;
    let at = this.#entries.length;
    while (at > 0 && (this.#entries[at - 1]?.similarity ?? 0) < similarity) at -= 1;
    this.#entries.splice(at, 0, { similarity, value });
    if (this.#entries.length > this.#limit) this.#entries.pop();
  }

  get entries(): readonly { similarity: number; value: T }[] {
    return this.#entries;
  }
}
