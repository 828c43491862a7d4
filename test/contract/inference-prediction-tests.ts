import { expect, it } from 'vitest';
import { cropsASlide, python, resultOf, type TrainedCohort } from './inference-context.ts';
import { recompute } from './inference-recompute.ts';

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

  it('equal Python’s to 1e-5: attention logits, probabilities and evidence', async () => {
    const { cohort, database, runs } = trained();
    const models = await database.db.selectFrom('checkpoint').selectAll().where('runId', '=', runs.abmil).execute();
    const rows = (await predictions()).filter((row) => row.folds.length === 1);
    const spec = rows.map((row) => ({
      embeddings: cohort.store.localPath(`embeddings/${runs.embed}/${row.slideId}.arrow`),
      model: cohort.store.localPath(models.find((model) => model.fold === row.folds[0])?.objectKey ?? ''),
    }));
    type Numbers = {
      probabilities: number[];
      attention_logits: number[];
      evidence: number[][];
      centred_logits: number[];
    };
    type Answer = { attention: Numbers[] };
    const { attention } = await recompute<Answer>(python, { attention: spec });
    expect(attention).toHaveLength(6);
    for (const [i, row] of rows.entries()) {
      expect(row.attentionLogits.length).toBe(4 * cropsASlide);
      for (const [ix, logit] of (attention[i]?.attention_logits ?? []).entries()) {
        expect(Math.abs(row.attentionLogits.readFloatLE(4 * ix) - logit)).toBeLessThan(1e-5);
      }
      for (const [c, p] of (attention[i]?.probabilities ?? []).entries()) {
        expect(Math.abs((row.probabilities[c] ?? 0) - p)).toBeLessThan(1e-5);
      }
      const { evidence = [], centred_logits = [] } = attention[i] ?? {};
      expect(row.classEvidence?.length).toBe(4 * cropsASlide * evidence.length);
      for (const [c, ofClass] of evidence.entries()) {
        const stored = ofClass.map((_, ix) => row.classEvidence?.readFloatLE(4 * (c * cropsASlide + ix)) ?? 0);
        for (const [ix, expected] of ofClass.entries()) {
          expect(Math.abs((stored[ix] ?? 0) - expected)).toBeLessThan(1e-5 * Math.max(...ofClass.map(Math.abs)));
        }
        const sum = stored.reduce((total, each) => total + each, 0);
        expect(Math.abs(sum - (centred_logits[c] ?? 0))).toBeLessThan(1e-5);
      }
    }
  });

  it('of a patient without labels are the mean of all folds', async () => {
    const unlabelled = trained().cohort.slides[6]?.id;
    const row = (await predictions()).find(({ slideId }) => slideId === unlabelled);
    expect(row).toMatchObject({ folds: [0, 1, 2], heldOut: true });
    expect(row?.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  });
}
