import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { RunResult } from '@stroma/core/contract/run-directory';
import { StromaError } from '@stroma/core/errors';
import type { ModelDetail, ModelMessage } from '@stroma/core/http/model';
import type { Database } from '@stroma/db/client';
import { findModel, gradingCounts, type ModelRow, modelCards } from '@stroma/db/models';
import { Compile } from 'typebox/compile';
import { measuredOn, measuresOf } from './measures.ts';

const resultSchema = Compile(RunResult);

export async function existingModel(db: Database, runId: number): Promise<ModelRow> {
  const model = await findModel(db, runId);
  if (model) return model;
  throw new StromaError(
    {
      code: 'model.unknown',
      message: 'There is no such model.',
      expected: 'the run of a training that has finished',
      found: `run ${runId}`,
      remedy: 'Look for it in the list of models.',
    },
    404,
  );
}

export function modelMessage({ result, embedded, activatedAt, activatedBy, createdAt, endedAt, ...row }: ModelRow) {
  const { stage, encoder, cropSelection, ...rest } = row;
  const whose = stage === 'train_dino' ? 'dino' : stage === 'train_gen_dino' ? 'gen_dino' : encoder;
  const parity = result.parity as ModelMessage['parity'] | undefined;
  return {
    ...rest,
    encoder: whose as ModelMessage['encoder'],
    cropSelection: cropSelection as CropSelection,
    slides: embedded?.slides ?? null,
    crops: embedded?.crops ?? null,
    measures: measuresOf(result.metrics),
    measuredOn: measuredOn(result.metrics),
    parity: parity ?? {},
    createdAt: (endedAt ?? createdAt).toISOString(),
    active: activatedAt && { since: activatedAt.toISOString(), by: activatedBy },
  } satisfies ModelMessage;
}

export async function modelDetail(db: Database, runId: number): Promise<ModelDetail> {
  const row = await existingModel(db, runId);
  const [cards, gradings] = await Promise.all([modelCards(db, runId), gradingCounts(db, runId)]);
  const result = resultOf(row);
  return {
    ...modelMessage(row),
    seconds: result?.seconds ?? null,
    losses: result?.losses ?? {},
    cards: cards.map(({ card, ...one }) => ({ ...one, card: card as Record<string, unknown> })),
    files: filesOf(row),
    gradings,
  };
}

/** What the trainer left in the run's folder, with its sums as they were checked when the run ended. */
export function filesOf(row: ModelRow): ModelDetail['files'] {
  return (resultOf(row)?.checkpoints ?? []).flatMap((checkpoint) => checkpoint.files);
}

/** Undefined for a result that another version wrote. */
function resultOf({ result }: ModelRow): RunResult | undefined {
  return resultSchema.Check(result) ? result : undefined;
}
