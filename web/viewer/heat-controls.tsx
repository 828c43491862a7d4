import { Checkbox, SegmentedControl, Slider } from '@mantine/core';
import { encoderWord } from '../jobs/stage-word.ts';
import { Choice } from '../parts/choice.tsx';
import { percent } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { sequentialMaps } from './colour-maps.ts';
import { HeatLegend } from './heat-legend.tsx';
import classes from './panel.module.css';
import type { SlideGrades } from './slide-grades.ts';
import type { Heat } from './use-heat.ts';
import type { HeatSettings } from './view-address.ts';

const encoders = ['dino', 'gen_dino'] as const;
const mapWord = { viridis: 'Viridis', cividis: 'Cividis', inferno: 'Inferno' };

/** The layer's settings and its legend, with the numbers the colours stand for. */
export function HeatControls({ grades, heat }: { grades: SlideGrades; heat: Heat }) {
  const { settings, scores, values, change } = heat;
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
          value={settings.encoder ?? 'none'}
          data={choices}
          onChange={(value) => change({ encoder: value === 'none' ? null : (value as 'dino' | 'gen_dino') })}
        />
      </div>
      {scores.error && <ProblemView compact problem={scores.error.problem} onRetry={() => void scores.mutate()} />}
      {settings.encoder && scores.data && values && (
        <>
          <HeatLegend heat={settings} values={values} classes={scores.data.classes} />
          <div className={classes.knobs}>
            <span>Of</span>
            <div className={classes.wide}>
              <Choice
                label="What the heat map shows"
                hideLabel
                anything="Attention"
                value={settings.evidence === null ? null : String(settings.evidence)}
                options={(scores.data.classes ?? []).map((name, index) => ({
                  value: String(index),
                  label: `Evidence for ${name}`,
                }))}
                onChange={(value) => change({ evidence: value === null ? null : Number(value) })}
              />
            </div>
            <span>Scale</span>
            <SegmentedControl
              aria-label="Scale of the heat map"
              className={classes.wide}
              value={settings.mode}
              data={[
                { value: 'rank', label: 'Rank' },
                { value: 'absolute', label: 'Absolute' },
              ]}
              onChange={(mode) => change({ mode: mode as HeatSettings['mode'] })}
            />
            {!values.signed && (
              <>
                <span>Colours</span>
                <SegmentedControl
                  aria-label="Colours of the heat map"
                  className={classes.wide}
                  value={settings.colours}
                  data={sequentialMaps.map((map) => ({ value: map, label: mapWord[map] }))}
                  onChange={(colours) => change({ colours: colours as HeatSettings['colours'] })}
                />
              </>
            )}
            <Knob name="Opacity" value={settings.opacity} step={0.05} onChange={(opacity) => change({ opacity })}>
              {percent(settings.opacity)}
            </Knob>
            <Knob
              name="Threshold"
              value={settings.threshold}
              step={0.01}
              onChange={(threshold) => change({ threshold })}
            >
              {settings.threshold.toFixed(2)}
            </Knob>
            <span />
            <Checkbox
              className={classes.wide}
              size="xs"
              label="Blend neighbouring crops"
              checked={settings.smooth}
              onChange={(event) => change({ smooth: event.currentTarget.checked })}
            />
          </div>
        </>
      )}
    </section>
  );
}

interface KnobProps {
  name: string;
  value: number;
  step: number;
  onChange: (value: number) => void;
  children: string;
}

function Knob({ name, value, step, onChange, children }: KnobProps) {
  return (
    <>
      <span>{name}</span>
      <Slider
        size="sm"
        thumbLabel={`${name} of the heat map`}
        min={0}
        max={1}
        step={step}
        value={value}
        onChange={onChange}
        label={null}
      />
      <span className={classes.knobValue}>{children}</span>
    </>
  );
}
