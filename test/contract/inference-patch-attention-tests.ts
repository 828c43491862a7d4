import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkpointOf } from '@stroma/db/checkpoints';
import { PatchAttentions } from '@stroma/inference/patch-attention/patch-attentions';
import { decodeJpeg } from '@stroma/wsi/jpeg';
import { expect, it } from 'vitest';
import { largestDifference } from '../fixtures/largest-difference.ts';
import { cropsASlide, places, python, type TrainedCohort } from './inference-context.ts';
import { recompute } from './inference-recompute.ts';

export function patchAttentionTests(trained: () => TrainedCohort): void {
  it('is torch’s on the same pixels, in a forward pass of its own and as DINO defines it', async () => {
    const { database, cohort, chain, runs, folder } = trained();
    const { engine, models } = chain;
    const attentions = new PatchAttentions({ db: database.db, store: cohort.store, engine, models });
    const checkpoint = await checkpointOf(database.db, runs.dino, 'encoder');
    const { crop_px: side } = checkpoint.card as { crop_px: number };
    const stored = await places(trained(), cohort.slides[1]?.cropSetId ?? 0);
    expect(stored).toHaveLength(cropsASlide);
    const files: string[] = [];
    const here: number[][][] = [];
    for (const [ix, { path: shard, offset, length }] of stored.entries()) {
      const found = await attentions.of(checkpoint.id, `${cohort.slides[1]?.cropSetId}:${ix}`);
      expect(found.grid ** 2).toBe(found.heads[0]?.length);
      here.push(found.heads);
      // As decoded here, because decoders differ by some grey levels.
      const { data } = await decodeJpeg((await readFile(shard)).subarray(offset, offset + length));
      const file = path.join(folder, `crop-${ix}.rgb`);
      await writeFile(file, data);
      files.push(file);
    }
    const spec = { encoder: cohort.store.localPath(`runs/${runs.dino}`), side, crops: files };
    type Answer = { patch_attention: [{ served: number[][][]; by_hand: number[][][] }] };
    const { patch_attention } = await recompute<Answer>(python, { patch_attention: [spec] });
    const { served, by_hand: byHand } = patch_attention[0];
    expect(served.flat(2)).toHaveLength(here.flat(2).length);
    // A short training leaves attention nearly even, so agreement is asked for to a hundredth of how uneven it is.
    const [first = []] = byHand.flat();
    const within = Math.min(1e-4, (Math.max(...first) - Math.min(...first)) / 100);
    expect(largestDifference(here.flat(2), served.flat(2))).toBeLessThan(within);
    expect(largestDifference(here.flat(2), byHand.flat(2))).toBeLessThan(within);
  });
}
