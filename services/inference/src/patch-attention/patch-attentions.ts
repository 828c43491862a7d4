import { parseCropId } from '@stroma/core/contract/manifest';
import { EncoderCard } from '@stroma/core/contract/model-card';
import { StromaError } from '@stroma/core/errors';
import type { PatchAttention } from '@stroma/core/http/patch-attention';
import type { Database } from '@stroma/db/client';
import { findCrop } from '@stroma/db/cohort-crops';
import { checkpointById } from '@stroma/db/walk-predictions';
import type { ObjectStore } from '@stroma/storage/object-store';
import { cardOf } from '../card.ts';
import type { Engine } from '../engine/engine.ts';
import { Lru } from '../lru.ts';
import type { Models } from '../models.ts';

export type AttendedPatches = Pick<PatchAttention, 'grid' | 'heads'>;

interface Options {
  db: Database;
  store: ObjectStore;
  engine: Engine;
  models: Models;
}

/** Where an encoder's [CLS] looks in single crops, from their stored JPEGs; remembered. */
export class PatchAttentions {
  readonly #options: Options;
  // Six heads over 256 patches are 12 kB: 12 MB.
  readonly #known = new Lru<AttendedPatches>(1_000);

  constructor(options: Options) {
    this.#options = options;
  }

  /** checkpointId: of the encoder. */
  async of(checkpointId: number, cropId: string, signal?: AbortSignal): Promise<AttendedPatches> {
    const { db, store, engine, models } = this.#options;
    const checkpoint = await checkpointById(db, checkpointId);
    const key = `${checkpoint.sha256}/${cropId}`;
    const known = this.#known.get(key);
    if (known) return known;
    const name = parseCropId(cropId);
    const crop = name && (await findCrop(db, name.cropSetId, name.ix));
    if (!crop) throw new StromaError({ code: 'crop.unknown', message: `There is no crop ${cropId}.` }, 404);
    const { crop_px: cropPx } = cardOf(EncoderCard, checkpoint);
    const model = await models.open(checkpoint, 'encoder');
    const jpeg = await store.range(crop.objectKey, crop.byteOffset, crop.byteLength);
    const request = { model, cropPx, encoding: 'jpeg' as const, crops: [jpeg] };
    const answer = await engine.call('patchAttention', request, { lane: 'interactive', signal });
    if (!answer) throw toldNone(checkpoint.sha256);
    const { attention, heads, patches } = answer;
    const found = {
      grid: Math.sqrt(patches),
      heads: Array.from({ length: heads }, (_, head) =>
        Array.from(attention.subarray(head * patches, (head + 1) * patches), (share) => Number(share.toPrecision(6))),
      ),
    };
    this.#known.set(key, found);
    return found;
  }
}

function toldNone(sha256: string): StromaError {
  return new StromaError(
    {
      code: 'encoder.no_attention',
      message: 'This encoder tells no attention: it was trained before that was kept.',
      expected: 'an encoder.onnx with the output “attention”',
      where: `encoder ${sha256.slice(0, 12)}`,
      remedy: 'Train an encoder again to see where it looks; its embeddings and grades are not affected.',
    },
    409,
  );
}
