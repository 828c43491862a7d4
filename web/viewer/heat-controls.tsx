import { SegmentedControl, Slider } from '@mantine/core';
import type { AttentionMessage } from '@stroma/core/http/slide';
import type { JsonAnswer } from '../data/use-json.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { count, counted, figure, percent } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { countAbove, type HeatValues } from './heat-values.ts';
import classes from './panel.module.css';
import type { Grades } from './use-grades.ts';
import type { HeatSettings } from './view-address.ts';
import { viridisGradient } from './viridis.ts';

const encoders = ['dino', 'gen_dino'] as const;

interface Props {
  grades: Grades;
  attention: JsonAnswer<AttentionMessage>;
  values: HeatValues | null;
  heat: HeatSettings;
  onChange: (values: Partial<HeatSettings>) => void;
}

/** The layer's settings and its legend, with the numbers the colours stand for. */
export function HeatControls({ grades, attention, values, heat, onChange }: Props) {
  const choices = [
    { value: 'none', label: 'Off' },
    ...encoders.filter((one) => grades.of[one]).map((one) => ({ value: one, label: encoderWord[one] })),
  ];
  return (
    <section className={classes.heat} aria-label="Heat map">
      <div className={classes.heatHead}>
        <h3>Heat map</h3>
        <SegmentedControl
          aria-label="Heat map of"
          value={heat.encoder ?? 'none'}
          data={choices}
          onChange={(value) => onChange({ encoder: value === 'none' ? null : (value as 'dino' | 'gen_dino') })}
        />
      </div>
      {attention.error && (
        <ProblemView compact problem={attention.error.problem} onRetry={() => void attention.mutate()} />
      )}
      {heat.encoder && values && (
        <>
          <Legend heat={heat} values={values} />
          <div className={classes.knobs}>
            <span>Scale</span>
            <SegmentedControl
              aria-label="Scale of the heat map"
              value={heat.mode}
              data={[
                { value: 'rank', label: 'Rank' },
                { value: 'absolute', label: 'Absolute' },
              ]}
              onChange={(mode) => onChange({ mode: mode as HeatSettings['mode'] })}
            />
            <span />
            <span>Opacity</span>
            <Slider
              size="sm"
              thumbLabel="Opacity of the heat map"
              min={0}
              max={1}
              step={0.05}
              value={heat.opacity}
              onChange={(opacity) => onChange({ opacity })}
              label={null}
            />
            <span>{percent(heat.opacity)}</span>
            <span>Above</span>
            <Slider
              size="sm"
              thumbLabel="Threshold of the heat map"
              min={0}
              max={1}
              step={0.01}
              value={heat.threshold}
              onChange={(threshold) => onChange({ threshold })}
              label={null}
            />
            <span>{heat.threshold.toFixed(2)}</span>
          </div>
        </>
      )}
    </section>
  );
}

function Legend({ heat, values }: { heat: HeatSettings; values: HeatValues }) {
  const size = values.values.length;
  const above = countAbove(values, heat.threshold);
  const [low, high] = heat.mode === 'rank' ? ['least attended', 'most attended'] : ['0', figure(values.highest)];
  return (
    <div>
      <div className={classes.ramp} style={{ background: viridisGradient }}>
        <span className={classes.below} style={{ width: `${heat.threshold * 100}%` }} />
      </div>
      <div className={classes.rampEnds}>
        <span>{low}</span>
        <span>{high}</span>
      </div>
      <p className={classes.note}>
        {heat.mode === 'rank'
          ? 'Share of crops with less attention'
          : `Attention; an even share would be ${figure(1 / Math.max(1, size))}`}
        . {count(above)} of {counted(size, 'crop')} shown ({percent(size > 0 ? above / size : 0)}). Attention from{' '}
        {figure(values.lowest)} to {figure(values.highest)}, sum 1.
      </p>
    </div>
  );
}
