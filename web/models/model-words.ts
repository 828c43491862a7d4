import type { Measured, ModelMessage } from '@stroma/core/http/model';
import type { ModelKind } from '@stroma/core/model-kinds';
import { measures } from '../jobs/evaluation.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { count, counted } from '../parts/number-label.ts';

export const kindWord: Record<ModelKind, string> = {
  encoder: 'Encoder',
  eldm: 'Generator (E-LDM)',
  abmil: 'Slide models (ABMIL)',
};

const measureWord = new Map<string, string>(measures);

/** `DINO encoder 12`, `ABMIL 15 on DINO` */
export function modelName({ kind, encoder, runId }: Pick<ModelMessage, 'kind' | 'encoder' | 'runId'>): string {
  if (kind === 'encoder') return `${encoder ? `${encoderWord[encoder]} encoder` : 'Encoder'} ${runId}`;
  if (kind === 'eldm') return `E-LDM ${runId}`;
  return `ABMIL ${runId}${encoder ? ` on ${encoderWord[encoder]}` : ''}`;
}

export const measureLabel = (name: string) => measureWord.get(name) ?? name.replaceAll('_', ' ');

/** `0.83 (0.76–0.89)` */
export function measuredLabel({ value, low, high }: Measured): string {
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  const interval = low === null || high === null ? '' : ` (${low.toFixed(digits)}–${high.toFixed(digits)})`;
  return `${value.toFixed(digits)}${interval}`;
}

/** What is said of a model first: its macro AUC where it has one. */
export function headline(model: Pick<ModelMessage, 'measures' | 'kind'>): Measured | undefined {
  if (model.kind !== 'abmil') return undefined;
  return model.measures.find((one) => one.name === 'macro_auc');
}

/** `1,204 crops of 8 slides` */
export function trainedOn({ crops, slides }: Pick<ModelMessage, 'crops' | 'slides'>): string {
  if (crops === null || slides === null) return 'not embedded yet';
  return `${counted(crops, 'crop')} of ${counted(slides, 'slide')}`;
}

export function basisLabel({ slides, folds }: ModelMessage['measuredOn']): string {
  return [slides === null ? null : counted(slides, 'slide'), folds === null ? null : counted(folds, 'fold')]
    .filter(Boolean)
    .join(', ');
}

export const parityLabel = (parity: ModelMessage['parity']) => {
  const values = Object.values(parity);
  return values.length === 0 ? 'not measured' : `${Math.max(...values).toExponential(1)} over ${count(values.length)}`;
};
