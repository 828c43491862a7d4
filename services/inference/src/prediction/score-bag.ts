import { softmax } from '@stroma/core/mil/attention';
import type { NewPrediction } from '@stroma/db/predictions';
import { meanEvidence, type ScoredBag } from './evidence.ts';
import { meanAttentionLogits, meanProbabilities } from './mean-of-folds.ts';

type Scores = Pick<NewPrediction, 'probabilities' | 'modelProbabilities' | 'attentionLogits' | 'classEvidence'>;

/** What is kept of a bag from the answers of the asked models, one or more. */
export function scoresOf(answers: readonly (ScoredBag & { logits: Float32Array })[], classes: number): Scores {
  const evidence = meanEvidence(answers, classes);
  return {
    probabilities: meanProbabilities(answers.map((answer) => answer.logits)),
    modelProbabilities: answers.flatMap((answer) => [...softmax(answer.logits)]),
    attentionLogits: littleEndian(meanAttentionLogits(answers.map((answer) => answer.attentionLogits))),
    classEvidence: evidence && littleEndian(evidence),
  };
}

function littleEndian(values: Float32Array): Buffer {
  const out = Buffer.allocUnsafe(values.length * 4);
  for (let i = 0; i < values.length; i += 1) out.writeFloatLE(values[i] ?? 0, i * 4);
  return out;
}
