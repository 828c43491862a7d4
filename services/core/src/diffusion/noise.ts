/**
 * Start noise that both languages make alike (services/README.md, "Noise"): splitmix64 by counter, then Box–Muller.
 * The 64-bit seed is the first 8 bytes of the SHA-256 of a key such as noiseKey's, big-endian.
 */
const mask = (1n << 64n) - 1n;

export function noise(seed: bigint, length: number): Float32Array {
  const out = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    const a = uniform(seed, i + 1);
    const b = uniform(seed, i + 2);
    const radius = Math.sqrt(-2 * Math.log(a));
    out[i] = radius * Math.cos(2 * Math.PI * b);
    if (i + 1 < length) out[i + 1] = radius * Math.sin(2 * Math.PI * b);
  }
  return out;
}

export interface NoiseName {
  seed: number;
  cropId: string;
  /** walk: live interpolation, one noise for every alpha. */
  kind: 'generated' | 'interpolated' | 'walk';
  alpha: string;
  replica: number;
}

export function noiseKey({ seed, cropId, kind, alpha, replica }: NoiseName): string {
  return `${seed}|${cropId}|${kind}|${alpha}|${replica}`;
}

/** Uniform in (0, 1) with 53 bits. */
function uniform(seed: bigint, counter: number): number {
  let z = (seed + BigInt(counter) * 0x9e3779b97f4a7c15n) & mask;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  z ^= z >> 31n;
  return (Number(z >> 11n) + 0.5) * 2 ** -53;
}
