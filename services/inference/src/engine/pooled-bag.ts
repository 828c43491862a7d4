import type { AttendedBag } from './protocol.ts';

/**
 * A bag's answer from the answers of its pieces. Attention pooling is a weighted mean and the classifier behind it is
 * affine, so the logits of the whole are the pieces' logits, each weighted by its share of the whole bag's attention.
 */
export class PooledBag {
  readonly #pieces: AttendedBag[] = [];

  /** In the order of the rows. */
  add(logits: Float32Array, attentionLogits: Float32Array, classLogits: Float32Array | null = null): void {
    this.#pieces.push({ logits, attentionLogits, classLogits });
  }

  /** Empty arrays for an empty bag. */
  finish(): AttendedBag {
    const attentionLogits = joined(this.#pieces.map((piece) => piece.attentionLogits));
    const classLogits = this.#pieces.flatMap((piece) => piece.classLogits ?? []);
    const masses = Float64Array.from(this.#pieces, (piece) => logSumExp(piece.attentionLogits));
    const whole = logSumExp(masses);
    const logits = new Float64Array(this.#pieces[0]?.logits.length ?? 0);
    for (const [i, piece] of this.#pieces.entries()) {
      const share = Math.exp((masses[i] ?? 0) - whole);
      for (const [c, logit] of piece.logits.entries()) logits[c] = (logits[c] ?? 0) + share * logit;
    }
    const told = classLogits.length === this.#pieces.length;
    return { logits: Float32Array.from(logits), attentionLogits, classLogits: told ? joined(classLogits) : null };
  }
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** −∞ for nothing. */
export function logSumExp(values: Float32Array | Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const x of values) if (x > largest) largest = x;
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (const x of values) sum += Math.exp(x - largest);
  return largest + Math.log(sum);
}
