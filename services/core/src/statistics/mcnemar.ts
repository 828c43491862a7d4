/**
 * McNemar's exact test: of the slides that one model alone has right, are they as often the first's as the second's?
 * Two-sided binomial, P(X ≤ the fewer) · 2 with X ~ Bin(n, ½); 1 without such a slide. Slides count as independent.
 */
export function mcnemarExact(firstAlone: number, secondAlone: number): number {
  const n = firstAlone + secondAlone;
  // In logarithms, because ½ⁿ vanishes beyond some thousand slides.
  let term = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(firstAlone, secondAlone); k += 1) {
    tail += Math.exp(term);
    term += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
