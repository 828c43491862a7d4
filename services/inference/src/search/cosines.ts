/** The cosine of each row to a vector of length `norm`. A row of zeros is like nothing: 0. */
export function cosines(rows: Float32Array, vector: Float32Array, norm: number): Float32Array {
  const dim = vector.length;
  const out = new Float32Array(rows.length / dim);
  for (let row = 0; row < out.length; row += 1) {
    const start = row * dim;
    let dot = 0;
    let square = 0;
    for (let i = 0; i < dim; i += 1) {
      const value = rows[start + i] ?? 0;
      dot += value * (vector[i] ?? 0);
      square += value * value;
    }
    const norms = Math.sqrt(square) * norm;
    out[row] = norms === 0 ? 0 : dot / norms;
  }
  return out;
}
