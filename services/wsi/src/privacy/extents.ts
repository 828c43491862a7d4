import { refuseContents } from '../refusal.ts';

/** Stretches of the source file that are copied, in the order of the source; the targets follow one another. */
export interface Extents {
  from: Float64Array;
  length: Float64Array;
  /** Counted from the end of the head. */
  to: Float64Array;
  bytes: number;
}

/**
 * Orders and joins the places of all tiles. Tiles that share their bytes are copied once; tiles that overlap otherwise
 * would let a small file ask for a copy without end.
 */
export function planExtents(offsets: readonly ArrayLike<number>[], counts: readonly ArrayLike<number>[]) {
  const total = counts.reduce((sum, list) => sum + list.length, 0);
  const from = new Float64Array(total);
  const length = new Float64Array(total);
  let used = 0;
  const first = (image: number) => offsets[image]?.[0] ?? 0;
  for (const image of [...counts.keys()].sort((a, b) => first(a) - first(b))) {
    const list = counts[image] ?? [];
    for (let i = 0; i < list.length; i += 1) {
      if ((list[i] ?? 0) === 0) continue;
      from[used] = offsets[image]?.[i] ?? 0;
      length[used] = list[i] ?? 0;
      used += 1;
    }
  }
  // Scanners write tile after tile; only where one did not is there anything to sort.
  const order = isAscending(from, used) ? undefined : sortedBy(from, used);
  const extents: Extents = {
    from: new Float64Array(used),
    length: new Float64Array(used),
    to: new Float64Array(used),
    bytes: 0,
  };
  let kept = 0;
  for (let place = 0; place < used; place += 1) {
    const i = order ? (order[place] ?? 0) : place;
    const [start, bytes] = [from[i] ?? 0, length[i] ?? 0];
    const last = kept - 1;
    if (last >= 0 && extents.from[last] === start && extents.length[last] === bytes) continue;
    if (last >= 0 && start < (extents.from[last] ?? 0) + (extents.length[last] ?? 0)) {
      refuseContents('tiles that lie apart', 'tiles that overlap', `byte ${start}`);
    }
    extents.from[kept] = start;
    extents.length[kept] = bytes;
    extents.to[kept] = extents.bytes;
    extents.bytes += bytes;
    kept += 1;
  }
  const { bytes } = extents;
  return {
    from: extents.from.subarray(0, kept),
    length: extents.length.subarray(0, kept),
    to: extents.to.subarray(0, kept),
    bytes,
  } satisfies Extents;
}

function isAscending(values: Float64Array, count: number): boolean {
  for (let i = 1; i < count; i += 1) if ((values[i] ?? 0) < (values[i - 1] ?? 0)) return false;
  return true;
}

function sortedBy(values: Float64Array, count: number): Uint32Array {
  return new Uint32Array(count).map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
}

/** The index of the last extent that begins at or before this place; -1 when none does. */
export function indexAt(places: Float64Array, place: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where these tiles of the source come to lie, `base` being the end of the head; 0 stays where nothing was stored. */
export function placesOf(extents: Extents, offsets: ArrayLike<number>, counts: ArrayLike<number>, base: number) {
  return Float64Array.from({ length: offsets.length }, (_, i) => {
    if ((counts[i] ?? 0) === 0) return 0;
    return base + (extents.to[indexAt(extents.from, offsets[i] ?? 0)] ?? 0);
  });
}
