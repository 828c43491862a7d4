import { SegmentedControl } from '@mantine/core';
import type { SlideDetail } from '@stroma/core/http/slide';
import { useEffect, useMemo, useRef } from 'react';
import { encoderWord } from '../jobs/stage-word.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { GradeWords } from './grade-words.tsx';
import { HeatLayer } from './heat-layer.tsx';
import type { Encoder } from './slide-grades.ts';
import type { SlideStage } from './slide-stage.ts';
import { useGrades } from './use-grades.ts';
import { useHeat } from './use-heat.ts';
import type { LinkedPanes } from './use-linked-panes.ts';
import { useStage } from './use-stage.ts';
import type { HeatSettings } from './view-address.ts';
import classes from './viewer.module.css';

interface Props {
  slide: SlideDetail;
  /** Whose grades the first pane shows: this one too, where that job graded its slide. */
  job: number | null;
  encoder: Encoder | null;
  /** The heat map of the first pane: both are drawn alike. */
  heat: HeatSettings;
  panes: LinkedPanes;
  onStage: (stage: SlideStage | null) => void;
  onEncoder: (encoder: Encoder | null) => void;
  onClose: () => void;
}

/** A slide beside the slide: another one, or the same with the other encoder's heat map. */
export function SecondPane({ slide, job, encoder, heat, panes, onStage, onEncoder, onClose }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const { stage, problem } = useStage(element, slide, null, false);
  const grades = useGrades(slide.id, job);
  const settings = useMemo(() => ({ ...heat, encoder }), [heat, encoder]);
  const own = useHeat(grades, settings);
  const { change } = own;
  useEffect(() => change(settings), [change, settings]);
  useEffect(() => {
    onStage(stage);
    return () => onStage(null);
  }, [stage, onStage]);

  const prediction = encoder ? grades.of[encoder] : undefined;
  // Of the layer over the slide: the slide itself is there.
  const failed = grades.answer.error ?? (encoder ? own.scores.error : undefined);
  const retry = () => void (grades.answer.error ? grades.answer.mutate() : own.scores.mutate());
  const choices = (['dino', 'gen_dino'] as const).filter((one) => grades.of[one]);
  return (
    <section className={classes.second} aria-label={`Second slide, ${slide.name}`} data-testid="second-pane">
      <div ref={element} className={classes.canvas} data-testid="second-canvas" data-open={stage !== null} />
      {stage && <HeatLayer stage={stage} shown={own.shown} />}
      <div className={classes.name}>
        <h2 className={classes.title} title={slide.name}>
          {slide.name}
        </h2>
        {prediction && <GradeWords prediction={prediction} />}
        {prediction && job !== null && grades.job !== job && <span className={classes.faint}>of job {grades.job}</span>}
      </div>
      <div className={classes.paneTools}>
        {choices.length > 0 && (
          <SegmentedControl
            size="xs"
            aria-label="Heat map of the second slide"
            value={encoder ?? 'none'}
            data={[{ value: 'none', label: 'Off' }, ...choices.map((one) => ({ value: one, label: encoderWord[one] }))]}
            onChange={(value) => onEncoder(value === 'none' ? null : (value as Encoder))}
          />
        )}
        <button
          type="button"
          aria-pressed={panes.link !== null}
          onClick={panes.toggle}
          title="Linked panes move together (l)"
          data-testid="link-panes"
        >
          {panes.link ? 'linked' : 'unlinked'}
        </button>
        {panes.link && (panes.link.x !== 0 || panes.link.y !== 0 || panes.link.turn !== 0) && (
          <button
            type="button"
            onClick={panes.align}
            title="Forget the shift between the two"
            data-testid="align-panes"
          >
            shifted by {Math.hypot(panes.link.x, panes.link.y).toFixed(0)} µm
            {panes.link.turn !== 0 && `, ${panes.link.turn.toFixed(0)}°`}: align
          </button>
        )}
        <button type="button" onClick={onClose} title="End comparing (c)">
          close
        </button>
      </div>
      {failed && (
        <div className={classes.paneProblem}>
          <ProblemView compact problem={failed.problem} onRetry={retry} />
        </div>
      )}
      {problem && (
        <div className={classes.problem}>
          <ProblemView problem={problem} onRetry={() => window.location.reload()} />
        </div>
      )}
    </section>
  );
}
