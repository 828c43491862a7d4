import { count, counted, figure, percent } from '../parts/number-label.ts';
import { colourGradient } from './colour-maps.ts';
import { countAbove, type HeatValues, mapOf } from './heat-values.ts';
import classes from './panel.module.css';
import type { HeatSettings } from './view-address.ts';

interface Props {
  heat: HeatSettings;
  values: HeatValues;
  classes: string[] | null;
}

/** The scale of colours, the numbers at its ends, and how much of the tissue lies above the threshold. */
export function HeatLegend({ heat, values, classes: names }: Props) {
  const size = values.numbers.length;
  const above = countAbove(values[heat.mode], heat.threshold);
  const name = heat.evidence === null ? null : (names?.[heat.evidence] ?? '');
  return (
    <div data-testid="heat-legend">
      <div className={classes.ramp} style={{ background: colourGradient(mapOf(heat, values)) }}>
        <span className={classes.below} style={clearPart(heat.threshold, values.signed)} />
      </div>
      <div className={classes.rampEnds}>
        {ends(heat, values, name).map((end) => (
          <span key={end}>{end}</span>
        ))}
      </div>
      <p className={classes.note}>
        {meaning(heat, size, name)} {count(above)} of {counted(size, 'crop')} shown:{' '}
        {percent(size > 0 ? above / size : 0)} of the tissue that was scored.
        {heat.smooth && <strong> Neighbouring crops are blended: the scores end at the crops’ edges.</strong>}
        {names === null &&
          ' No evidence for classes: the model was trained before it was kept. Train again to have it.'}
      </p>
    </div>
  );
}

function ends({ mode }: HeatSettings, { lowest, highest, signed }: HeatValues, name: string | null): string[] {
  if (!signed) {
    return mode === 'rank'
      ? [`least attended (${figure(lowest)})`, `most attended (${figure(highest)})`]
      : ['0', figure(highest)];
  }
  const reach = figure(Math.max(-lowest, highest));
  return mode === 'rank' ? [`against ${name}`, '0', `for ${name}`] : [`−${reach} against`, '0', `${reach} for`];
}

function meaning({ mode }: HeatSettings, size: number, name: string | null): string {
  if (name === null) {
    return mode === 'rank'
      ? 'Share of crops with less attention.'
      : `Attention, sum 1; an even share would be ${figure(1 / Math.max(1, size))}.`;
  }
  return mode === 'rank'
    ? `Evidence for ${name}: share of crops that say less, for or against.`
    : `Evidence for ${name}: what each crop adds to its logit, or takes, next to the other grades.`;
}

/** The part of the scale whose crops stay clear. */
const clearPart = (threshold: number, signed: boolean) =>
  signed ? { width: `${threshold * 100}%`, marginLeft: `${(1 - threshold) * 50}%` } : { width: `${threshold * 100}%` };
