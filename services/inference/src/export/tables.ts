import type { CohortEmbeddingSet } from '@stroma/db/embedding-sets';

/** CLAM's data set: one line a labelled slide. */
export function datasetCsv(
  sets: readonly CohortEmbeddingSet[],
  names: ReadonlyMap<string, string>,
  classes: readonly string[],
): string {
  const lines = labelled(sets).map((set) =>
    [set.patientId, names.get(set.slideId) ?? '', classes[set.label ?? -1] ?? ''].map(quoted).join(),
  );
  return `case_id,slide_id,label\n${lines.map((line) => `${line}\n`).join('')}`;
}

/**
 * CLAM's splits_i.csv: the slides of fold i test, those of the next fold are for validation, the others train. With two
 * folds nothing is left for validation.
 */
export function splitsCsv(
  sets: readonly CohortEmbeddingSet[],
  names: ReadonlyMap<string, string>,
  fold: number,
  foldCount: number,
): string {
  const validation = foldCount > 2 ? (fold + 1) % foldCount : -1;
  const columns: [string[], string[], string[]] = [[], [], []];
  for (const set of labelled(sets)) {
    const column = set.fold === fold ? 2 : set.fold === validation ? 1 : 0;
    columns[column].push(names.get(set.slideId) ?? '');
  }
  const rows = Math.max(...columns.map((column) => column.length));
  let text = ',train,val,test\n';
  for (let row = 0; row < rows; row += 1) {
    text += `${[String(row), ...columns.map((column) => column[row] ?? '')].map(quoted).join()}\n`;
  }
  return text;
}

const labelled = (sets: readonly CohortEmbeddingSet[]) => sets.filter((set) => set.label !== null);

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
