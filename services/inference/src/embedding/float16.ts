/** IEEE 754 half precision, rounded to the nearest even; beyond ±65504 infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i += 1) out[i] = half(bits[i] ?? 0);
  return out;
}

function half(float: number): number {
  const sign = (float >>> 16) & 0x8000;
  const magnitude = float & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds to infinity: 65520 and above
  if (magnitude < 0x33000001) return sign; // rounds to zero: 2^-25 and below
  if (magnitude < 0x38800000) {
    // Subnormal: the significand, its leading one made visible, is shifted to units of 2^-24.
    const shift = 126 - (magnitude >>> 23);
    return sign | roundedShift((magnitude & 0x7fffff) | 0x800000, shift);
  }
  return sign | roundedShift(magnitude - 0x38000000, 13);
}

/** value / 2^shift, ties to even; a carry goes on into the exponent, as it should. */
function roundedShift(value: number, shift: number): number {
  const quotient = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return rest > tie || (rest === tie && (quotient & 1) === 1) ? quotient + 1 : quotient;
}

let table: Float32Array | undefined;

export function fromFloat16(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => float(bits));
  const lookup = table;
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i += 1) out[i] = lookup[halves[i] ?? 0] ?? 0;
  return out;
}

function float(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const significand = bits & 0x3ff;
  if (exponent === 0x1f) return significand ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * significand * 2 ** -24;
  return sign * (1 + significand / 1024) * 2 ** (exponent - 15);
}
