/** A stored prediction is float32: less than this is 0 there, and 0 has no logarithm. As the trainer's calibration.py. */
const leastProbability = 1e-38;

/** Probabilities with their logarithms divided by the temperature, so that they sum to 1 again. */
export function calibrated(probabilities: readonly number[], temperature: number): number[] {
  const logits = probabilities.map((p) => Math.log(Math.max(p, leastProbability)) / temperature);
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
