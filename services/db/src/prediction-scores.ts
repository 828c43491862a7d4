import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { StromaError } from '@stroma/core/errors';
import type { Database } from './client.ts';
import { packedPlaces } from './crop-list.ts';
import { predictionsInContext } from './prediction-joins.ts';

/** A prediction's stored scores, and the crop set and selection whose order they follow. */
function scores(db: Database) {
  return predictionsInContext(db)
    .innerJoin('cropSet', 'cropSet.id', 'embeddingSet.cropSetId')
    .select(['prediction.id', 'prediction.createdAt', 'prediction.attentionLogits', 'prediction.classEvidence'])
    .select(['prediction.encoder', 'prediction.folds', 'prediction.heldOut', 'prediction.probabilities'])
    .select(['cropSet.id as cropSetId', 'cropSet.mpp', 'cropSet.sizePx', 'cropSet.stridePx'])
    .select(['cropSet.size0X', 'cropSet.size0Y', 'cohort.classes', 'job.cropSelection']);
}

export async function findScores(db: Database, predictionId: number) {
  return await scores(db).where('prediction.id', '=', predictionId).executeTakeFirst();
}

/** Parallel arrays in the order of crop.ix, of the very crops that were scored. */
export interface StoredScores {
  encoder: string;
  folds: number[];
  heldOut: boolean;
  classes: string[];
  probabilities: number[];
  cropSetId: number;
  /** Sides of a crop in level-0 px. */
  size0X: number;
  size0Y: number;
  ix: Int32Array;
  x0: Int32Array;
  y0: Int32Array;
  attentionLogits: Float32Array;
  /** One array a class; none when the prediction has no evidence. */
  evidence: Float32Array[];
}

/** The scores that a predict run gave a slide. */
export async function storedScores(db: Database, runId: number, slideId: string): Promise<StoredScores | undefined> {
  const row = await scores(db)
    .where('prediction.runId', '=', runId)
    .where('prediction.slideId', '=', slideId)
    .executeTakeFirst();
  if (!row) return undefined;
  const places = await packedPlaces(db, row.cropSetId, row.cropSelection as CropSelection);
  const { attentionLogits, classEvidence } = row;
  requireFit(row.id, places.ix.length, attentionLogits.length);
  return {
    encoder: row.encoder,
    folds: row.folds,
    heldOut: row.heldOut,
    classes: row.classes,
    probabilities: row.probabilities,
    cropSetId: row.cropSetId,
    size0X: row.size0X ?? 0,
    size0Y: row.size0Y ?? 0,
    ix: new Int32Array(ownBytes(places.ix)),
    x0: new Int32Array(ownBytes(places.x0)),
    y0: new Int32Array(ownBytes(places.y0)),
    attentionLogits: new Float32Array(ownBytes(attentionLogits)),
    evidence: row.classes.flatMap((_, c) => {
      const at = c * attentionLogits.length;
      return classEvidence ? [new Float32Array(ownBytes(classEvidence.subarray(at, at + attentionLogits.length)))] : [];
    }),
  };
}

/** Little-endian numbers, as every machine that this runs on has them, where they may be viewed. */
const ownBytes = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** Crops that were cut anew, or selected otherwise, are not those that were scored. */
export function requireFit(predictionId: number, placeBytes: number, logitBytes: number): void {
  if (placeBytes === logitBytes) return;
  throw new StromaError(
    {
      code: 'prediction.crops',
      message: 'The scores do not fit the crops that are stored now.',
      expected: `scores of ${placeBytes / 4} crops`,
      found: String(logitBytes / 4),
      where: `prediction ${predictionId}`,
      remedy: 'Run the prediction again.',
    },
    500,
  );
}
