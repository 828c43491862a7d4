/**
 * Spherical linear interpolation between the directions of two vectors (paper §4.1; both are brought to unit
 * length first). t = 0 gives v0's direction, t = 1 gives v1's. Falls back to a straight line when |cos| > 0.9995.
 */
export function slerp(v0: Float32Array, v1: Float32Array, t: number): Float32Array {
  if (v0.length !== v1.length) throw new RangeError(`slerp of ${v0.length} and ${v1.length} dimensions`);
  const a = unit(v0);
  const b = unit(v1);
  const cosine = cosineSimilarity(a, b);
  const out = new Float32Array(a.length);
  let weightA = 1 - t;
  let weightB = t;
  if (Math.abs(cosine) <= 0.9995) {
    const theta = Math.acos(cosine);
    weightA = Math.sin((1 - t) * theta) / Math.sin(theta);
    weightB = Math.sin(t * theta) / Math.sin(theta);
  }
  for (let i = 0; i < a.length; i += 1) out[i] = weightA * (a[i] ?? 0) + weightB * (b[i] ?? 0);
  return out;
}

/**
 * The embedding between two crops. alphaPrimary is the weight of the primary crop, as in the loss (Eq. 5):
 * 1 gives the primary, 0 the secondary.
 */
export function interpolateEmbedding(
  primary: Float32Array,
  secondary: Float32Array,
  alphaPrimary: number,
): Float32Array {
  return slerp(secondary, primary, alphaPrimary);
}

export function cosineSimilarity(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i += 1) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  const norms = Math.sqrt(squareA * squareB);
  return norms === 0 ? 0 : Math.max(-1, Math.min(1, dot / norms));
}

function unit(v: Float32Array): Float32Array {
  let square = 0;
  for (const x of v) square += x * x;
  const norm = Math.sqrt(square);
  return norm === 0 ? v.slice() : v.map((x) => x / norm);
}
