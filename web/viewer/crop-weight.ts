import type { Scores } from '@stroma/core/http/scores';
import { softmax } from '@stroma/core/mil/attention';

/** What a crop weighs in the grade by one encoder; rank null: it was not among the crops that were scored. */
export type CropWeight =
  | { rank: number; attention: number; of: number; evidence: { name: string; value: number }[] }
  | { rank: null };

export function weightOf(
  scores: Pick<Scores, 'cropSetId' | 'x0' | 'y0' | 'attentionLogits' | 'evidence' | 'classes'>,
  { cropSetId, x0, y0 }: { cropSetId: number; x0: number; y0: number },
): CropWeight {
  if (scores.cropSetId !== cropSetId) return { rank: null };
  const index = scores.x0.findIndex((x, i) => x === x0 && scores.y0[i] === y0);
  const logit = scores.attentionLogits[index];
  if (logit === undefined) return { rank: null };
  let before = 0;
  // Equal attention keeps the crops' order, as in the gallery.
  for (const [i, one] of scores.attentionLogits.entries()) if (one > logit || (one === logit && i < index)) before += 1;
  return {
    rank: before + 1,
    attention: softmax(scores.attentionLogits)[index] ?? 0,
    of: scores.attentionLogits.length,
    evidence: (scores.classes ?? []).map((name, i) => ({ name, value: scores.evidence[i]?.[index] ?? 0 })),
  };
}
