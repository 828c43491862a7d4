import { gradeEvaluation } from '@stroma/core/contract/grade-evaluation';
import { expect, it } from 'vitest';
import { cropsASlide, python, resultOf, type TrainedCohort } from './inference-context.ts';
import { recompute } from './inference-recompute.ts';

interface Numbers {
  probabilities: number[];
  attention_logits: number[];
  evidence: number[][];
  centred_logits: number[];
  arguments: { gated: boolean; proj_dim: number };
}

export function predictionTests(trained: () => TrainedCohort): void {
  const predictions = () =>
    trained()
      .database.db.selectFrom('prediction')
      .selectAll()
      .where('runId', '=', trained().runs.predict)
      .orderBy('id')
      .execute();

  it('of labelled slides come from the model of their own fold', async () => {
    const rows = await predictions();
    expect(rows).toHaveLength(7);
    for (const { id, fold, label } of trained().cohort.slides.filter((slide) => slide.label !== null)) {
      expect(label).not.toBeNull();
      expect(rows.find((row) => row.slideId === id)).toMatchObject({ folds: [fold], heldOut: true });
    }
    expect(((await resultOf(trained(), trained().runs.predict)).parity as { abmil: number }).abmil).toBeLessThan(1e-3);
  });

  /** What a run of predict stored of slides that one model graded, beside torch's own answers; gives the networks' shapes. */
  async function requirePythons(abmil: number, predict: number, within: number): Promise<Numbers['arguments'][]> {
    const { cohort, database, runs } = trained();
    const models = await database.db.selectFrom('checkpoint').selectAll().where('runId', '=', abmil).execute();
    const stored = await database.db.selectFrom('prediction').selectAll().where('runId', '=', predict).execute();
    const rows = stored.filter((row) => row.folds.length === 1);
    const spec = rows.map((row) => ({
      embeddings: cohort.store.localPath(`embeddings/${runs.embed}/${row.slideId}.arrow`),
      model: cohort.store.localPath(models.find((model) => model.fold === row.folds[0])?.objectKey ?? ''),
    }));
    const { attention } = await recompute<{ attention: Numbers[] }>(python, { attention: spec });
    expect(attention).toHaveLength(6);
    for (const [i, row] of rows.entries()) {
      expect(row.attentionLogits.length).toBe(4 * cropsASlide);
      for (const [ix, logit] of (attention[i]?.attention_logits ?? []).entries()) {
        expect(Math.abs(row.attentionLogits.readFloatLE(4 * ix) - logit)).toBeLessThan(within);
      }
      for (const [c, p] of (attention[i]?.probabilities ?? []).entries()) {
        expect(Math.abs((row.probabilities[c] ?? 0) - p)).toBeLessThan(within);
      }
      const { evidence = [], centred_logits = [] } = attention[i] ?? {};
      expect(row.classEvidence?.length).toBe(4 * cropsASlide * evidence.length);
      for (const [c, ofClass] of evidence.entries()) {
        const stored = ofClass.map((_, ix) => row.classEvidence?.readFloatLE(4 * (c * cropsASlide + ix)) ?? 0);
        for (const [ix, expected] of ofClass.entries()) {
          expect(Math.abs((stored[ix] ?? 0) - expected)).toBeLessThan(within * Math.max(...ofClass.map(Math.abs)));
        }
        const sum = stored.reduce((total, each) => total + each, 0);
        expect(Math.abs(sum - (centred_logits[c] ?? 0))).toBeLessThan(within);
      }
    }
    return attention.map((one) => one.arguments);
  }

  /** Another ABMIL of the same embeddings, and what it predicts. */
  async function trainedAnew(settings: object): Promise<{ abmil: number; predict: number }> {
    const { chain, cohort, database, runs } = trained();
    const { id: jobId } = await database.db
      .insertInto('job')
      .values({
        ...{ cohortId: cohort.cohortId, preset: 'smoke', mpp: 0.5, seed: 7 },
        overrides: JSON.stringify({ train_abmil: settings }),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const embedded = { runId: runs.embed, role: 'embeddings' };
    const abmil = await chain.run({ stage: 'train_abmil', jobId, encoder: 'dino', inputs: [embedded] });
    const inputs = [{ runId: abmil, role: 'abmil' }, embedded];
    return { abmil, predict: await chain.run({ stage: 'predict', jobId, encoder: 'dino', inputs }) };
  }

  it('equal Python’s to 1e-5: attention logits, probabilities and evidence', async () => {
    const { runs } = trained();
    const networks = await requirePythons(runs.abmil, runs.predict, 1e-5);
    expect(networks[0]).toMatchObject({ gated: false, proj_dim: 0 });
  });

  it('equal Python’s by gated attention over projected embeddings, too, and are others than without', async () => {
    const { abmil, predict } = await trainedAnew({ gated: true, proj_dim: 24 });
    const networks = await requirePythons(abmil, predict, 1e-5);
    for (const network of networks) expect(network).toMatchObject({ gated: true, proj_dim: 24 });
    const [plain] = await predictions();
    const { db } = trained().database;
    const own = await db.selectFrom('prediction').selectAll().where('runId', '=', predict).orderBy('id').execute();
    const other = own.find((row) => row.slideId === plain?.slideId);
    expect(other?.attentionLogits.equals(plain?.attentionLogits ?? other.attentionLogits)).toBe(false);
  });

  it('of a patient without labels are the mean of all folds', async () => {
    const unlabelled = trained().cohort.slides[6]?.id;
    const row = (await predictions()).find(({ slideId }) => slideId === unlabelled);
    expect(row).toMatchObject({ folds: [0, 1, 2], heldOut: true });
    expect(row?.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  });

  it('of several seeds a fold are what the trainer found out of fold', async () => {
    const { db } = trained().database;
    const { abmil, predict } = await trainedAnew({ seeds: 2 });
    const stored = await db
      .selectFrom('checkpoint')
      .select(['fold', 'seedIx', 'sha256'])
      .where('runId', '=', abmil)
      .orderBy('id')
      .execute();
    expect(stored.map(({ fold, seedIx }) => [fold, seedIx])).toEqual(
      [0, 1, 2].flatMap((fold) => [0, 1].map((seedIx) => [fold, seedIx])),
    );
    expect(new Set(stored.map((one) => one.sha256)).size).toBe(6);
    const found = gradeEvaluation(await resultOf(trained(), abmil));
    const rows = await db.selectFrom('prediction').selectAll().where('runId', '=', predict).execute();
    expect(found?.out_of_fold.length).toBe(6);
    for (const { slide_id: slideId, fold, probabilities } of found?.out_of_fold ?? []) {
      const row = rows.find((one) => one.slideId === slideId);
      expect(row).toMatchObject({ folds: [fold], heldOut: true });
      for (const [k, p] of probabilities.entries())
        expect(Math.abs((row?.probabilities[k] ?? 0) - p)).toBeLessThan(1e-5);
    }
  });
}
