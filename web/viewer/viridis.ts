/** Viridis as a polynomial of degree 6 (fit by M. Zucker, public domain): even in lightness, safe for colour-blind eyes. */
const coefficients = [
  [0.2777273, 0.0054073, 0.3340998],
  [0.105093, 1.4046135, 1.3845902],
  [-0.3308618, 0.2148476, 0.0950952],
  [-4.6342305, -5.799101, -19.332441],
  [6.2282699, 14.1799334, 56.6905526],
  [4.776385, -13.7451454, -65.3530326],
  [-5.4354559, 4.6458526, 26.3124352],
] as const;

/** 0…1 → red, green, blue in 0…255. */
export function viridis(value: number): [red: number, green: number, blue: number] {
  const channel = (index: 0 | 1 | 2) => {
    const sum = coefficients.reduceRight((rest, row) => row[index] + value * rest, 0);
    return Math.round(255 * Math.max(0, Math.min(1, sum)));
  };
  return [channel(0), channel(1), channel(2)];
}

export const viridisGradient = `linear-gradient(90deg, ${Array.from({ length: 11 }, (_, step) => `rgb(${viridis(step / 10).join(' ')})`).join(', ')})`;
