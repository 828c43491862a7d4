import type { Problem } from '@stroma/core/errors';
import type { FoundSeries, Instance } from './found.ts';

/** A slide that was made of the same series before. */
export interface EarlierSlide {
  id: string;
  name: string;
  /** Crops, cohorts or grades rest on it: it has to stay as it is. */
  inUse: boolean;
  instances: Instance[];
}

export type JoinedSeries =
  | { kind: 'known'; slideId: string }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'join'; instances: Instance[]; replaces?: string; note?: string };

/**
 * What becomes of instances when files of their series came before. A slide is its content, so one with more files is
 * another slide: it takes the place of the earlier one, unless something was already made of that.
 */
export function joinSeries(
  { instances }: FoundSeries,
  earlierSlides: readonly EarlierSlide[],
  waiting: readonly Instance[],
): JoinedSeries {
  const known = earlierSlides.find((earlier) => instances.every((one) => holds(earlier.instances, one)));
  if (known) return { kind: 'known', slideId: known.id };
  const earlier = earlierSlides.find((one) => !differ(one.instances, instances));
  const all = union(instances, [...(earlier?.instances ?? []), ...waiting]);
  if (earlier?.inUse) return { kind: 'join', instances: all, note: besides(earlier, all.length) };
  if (earlier) return { kind: 'join', instances: all, replaces: earlier.id, note: grown(earlier, all.length) };
  if (earlierSlides.length > 0) {
    if (!instances.some(({ flavor }) => flavor === 'volume')) return { kind: 'refused', problem: otherBytes() };
    return {
      kind: 'join',
      instances,
      note: 'Files of this series came before with other bytes: this is another slide.',
    };
  }
  return { kind: 'join', instances: all };
}

function holds(instances: readonly Instance[], wanted: Instance): boolean {
  return instances.some((one) => one.instanceUid === wanted.instanceUid && one.source.sha256 === wanted.source.sha256);
}

function differ(some: readonly Instance[], others: readonly Instance[]): boolean {
  const hashes = new Map(some.map((one) => [one.instanceUid, one.source.sha256]));
  return others.some((one) => (hashes.get(one.instanceUid) ?? one.source.sha256) !== one.source.sha256);
}

/** The first of each instance counts. */
function union(first: readonly Instance[], then: readonly Instance[]): Instance[] {
  const all = new Map(first.map((one) => [one.instanceUid, one]));
  for (const one of then) if (!all.has(one.instanceUid)) all.set(one.instanceUid, one);
  return [...all.values()];
}

function grown({ instances }: EarlierSlide, count: number): string {
  return `The slide of this series had ${instances.length} of these ${count} files before; it has all of them now.`;
}

function besides({ name, instances }: EarlierSlide, count: number): string {
  return `The slide “${name}” of this series, with ${instances.length} files, stays as it is because something was made of it; this is another slide, with all ${count} files.`;
}

function otherBytes(): Problem {
  return {
    code: 'dicom.instance_differs',
    message: 'The slide of this series has this file already, with other bytes.',
    expected: 'the same bytes for the same SOPInstanceUID',
    found: 'another hash',
    remedy: 'Upload the whole series again as one zip or folder; it is then a slide of its own.',
  };
}
