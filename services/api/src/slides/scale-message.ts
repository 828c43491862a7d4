import { spacingTolerance } from '@stroma/core/geometry/spacing';
import type { SlideScale } from '@stroma/core/http/scale';
import { spacingOf } from '@stroma/core/units';
import type { SlideRow } from '@stroma/db/slide-list';

type ScaleColumns = Pick<
  SlideRow,
  | 'scaleState'
  | 'scaleChoice'
  | 'mppDeclaredX'
  | 'mppDeclaredY'
  | 'mppDerivedX'
  | 'mppDerivedY'
  | 'mppUserX'
  | 'mppUserY'
>;

export function scaleMessage(row: ScaleColumns): SlideScale {
  const state = row.scaleState as SlideScale['state'];
  const declared = spacingOf(row.mppDeclaredX, row.mppDeclaredY);
  const derived = spacingOf(row.mppDerivedX, row.mppDerivedY);
  const user = spacingOf(row.mppUserX, row.mppUserY);
  return { state, declared, derived, user, reason: reasonOf(row, declared !== null, derived !== null) };
}

function reasonOf({ scaleState, scaleChoice }: ScaleColumns, declared: boolean, derived: boolean): string {
  if (scaleChoice === 'user') return 'A person entered it.';
  if (scaleChoice === 'declared') return 'A person chose what the header declares.';
  if (scaleChoice === 'derived') return 'A person chose what the tags say.';
  if (scaleState === 'missing') return 'The file does not say its scale, and nobody has entered it.';
  const percent = 100 * spacingTolerance;
  if (scaleState === 'conflict')
    return `The header and the tags differ by more than ${percent} %, and nobody has chosen.`;
  if (declared && derived) return `The header declares it, and the tags agree within ${percent} %.`;
  return declared ? 'Only the header says it.' : 'Only the tags say it.';
}
