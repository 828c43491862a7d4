import { createHash } from 'node:crypto';

export interface Member {
  patientId: string;
  /** Index into the classes; null when unlabelled. */
  label: number | null;
}

/**
 * A fold for every patient, stratified by label. A patient counts under the label most of its slides have, the higher
 * one when two are as frequent. Patients of one label are put in an order that only the seed decides and dealt round
 * the folds; the next label goes on where the last one stopped, so that folds are of equal size as well.
 */
export function dealFolds(members: readonly Member[], foldCount: number, seed: number): Map<string, number> {
  const strata = new Map<number, string[]>();
  for (const [patientId, labels] of labelsByPatient(members)) {
    const label = mostFrequent(labels);
    strata.set(label, [...(strata.get(label) ?? []), patientId]);
  }
  const folds = new Map<string, number>();
  let next = 0;
  for (const label of [...strata.keys()].sort((a, b) => a - b)) {
    for (const patientId of shuffled(strata.get(label) ?? [], seed)) {
      folds.set(patientId, next % foldCount);
      next += 1;
    }
  }
  return folds;
}

const unlabelled = -1;

function labelsByPatient(members: readonly Member[]): Map<string, number[]> {
  const patients = new Map<string, number[]>();
  for (const { patientId, label } of members) {
    const labels = patients.get(patientId) ?? [];
    if (label !== null) labels.push(label);
    patients.set(patientId, labels);
  }
  return patients;
}

function mostFrequent(labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  let best = unlabelled;
  for (const [label, count] of counts) {
    const bestCount = counts.get(best) ?? 0;
    if (count > bestCount || (count === bestCount && label > best)) best = label;
  }
  return best;
}

/** Ordered by a hash with the seed: the order of the file does not matter. */
function shuffled(patients: readonly string[], seed: number): string[] {
  const key = (patient: string) => createHash('sha256').update(`${seed}|${patient}`).digest('hex');
  return patients
    .map((patient) => ({ patient, key: key(patient) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ patient }) => patient);
}
