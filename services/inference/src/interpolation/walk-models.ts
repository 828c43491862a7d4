import { EldmCard, EncoderCard } from '@stroma/core/contract/model-card';
import { StromaError } from '@stroma/core/errors';
import type { Stage } from '@stroma/core/http/job';
import { checkpointOf } from '@stroma/db/checkpoints';
import type { Database } from '@stroma/db/client';
import { doneRun } from '@stroma/db/run-inputs';
import { cardOf } from '../card.ts';
import type { CheckedModel, Embedder, Models } from '../models.ts';

/** What a walk through embedding space needs: a job's encoder and its E-LDM, both checked. */
export interface WalkModels {
  seed: number;
  encoder: Embedder;
  encoderCard: EncoderCard;
  unet: CheckedModel;
  decoder: CheckedModel;
  eldmCard: EldmCard;
}

export async function walkModels(db: Database, models: Models, jobId: number): Promise<WalkModels> {
  const job = await db.selectFrom('job').select('seed').where('id', '=', jobId).executeTakeFirst();
  if (!job) throw new StromaError({ code: 'job.unknown', message: `There is no job ${jobId}.` }, 404);
  const encoderRow = await checkpointOf(db, await done(db, jobId, 'train_dino'), 'encoder');
  const eldmRow = await checkpointOf(db, await done(db, jobId, 'train_eldm'), 'eldm');
  const eldmCard = cardOf(EldmCard, eldmRow);
  if (eldmCard.encoder_sha256 !== encoderRow.sha256) {
    throw new StromaError(
      {
        code: 'eldm.other_encoder',
        message: 'The E-LDM was trained with another encoder than the job has now.',
        expected: `encoder ${eldmCard.encoder_sha256}`,
        found: `encoder ${encoderRow.sha256}`,
        where: `job ${jobId}`,
        remedy: 'Run train_eldm of this job again.',
      },
      409,
    );
  }
  const encoderCard = cardOf(EncoderCard, encoderRow);
  return {
    seed: job.seed,
    encoder: await models.embedder(encoderRow, encoderCard),
    encoderCard,
    unet: await models.open(eldmRow, 'unet'),
    decoder: await models.open(eldmRow, 'decoder'),
    eldmCard,
  };
}

async function done(db: Database, jobId: number, stage: Stage): Promise<number> {
  const runId = await doneRun(db, jobId, stage);
  if (runId !== undefined) return runId;
  throw new StromaError(
    {
      code: 'interpolation.not_trained',
      message: 'The job’s image generator is not trained yet.',
      expected: 'a finished train_dino and train_eldm',
      found: `no finished ${stage}`,
      where: `job ${jobId}`,
      remedy: 'Wait until the job has come past E-LDM.',
    },
    409,
  );
}
