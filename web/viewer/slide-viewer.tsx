'use client';
import { useDisclosure } from '@mantine/hooks';
import type { SlideDetail } from '@stroma/core/http/slide';
import type { UnreadablePlace } from '@stroma/core/http/slide-run';
import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Icon } from '../parts/icon.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ArrivalGrades } from '../slides/arrival-grades.tsx';
import { AnnotationLayer } from './annotation-layer.tsx';
import { AnnotationsTab } from './annotations-tab.tsx';
import { CropsTab } from './crops-tab.tsx';
import { GradeTab } from './grade-tab.tsx';
import { HeatControls } from './heat-controls.tsx';
import { HeatLayer } from './heat-layer.tsx';
import { type Mark, MarkLayer } from './mark-layer.tsx';
import { Panel, type Tab, tabs } from './panel.tsx';
import { rankedCrops } from './ranked-crops.ts';
import { ScaleBar } from './scale-bar.tsx';
import { ShortcutList } from './shortcut-list.tsx';
import { useShortcuts } from './shortcuts.ts';
import { SlideName } from './slide-name.tsx';
import { SlideTab } from './slide-tab.tsx';
import { stageKeys } from './stage-keys.ts';
import { TissueLayer } from './tissue-layer.tsx';
import { TissueTab } from './tissue-tab.tsx';
import { useAnnotations } from './use-annotations.ts';
import { useDoubleClick } from './use-double-click.ts';
import { useGrades } from './use-grades.ts';
import { stepOpacity, useHeat } from './use-heat.ts';
import { useDrawn, usePlace, useStage } from './use-stage.ts';
import { useTissue } from './use-tissue.ts';
import { useViewAddress } from './use-view-address.ts';
import { readAddress } from './view-address.ts';
import classes from './viewer.module.css';
import { WalkTab } from './walk-tab.tsx';

/** The slide fills the window; one panel folds away at its right. */
export function SlideViewer({ slide }: { slide: SlideDetail }) {
  const [address] = useState(() => readAddress(window.location.search));
  const element = useRef<HTMLDivElement>(null);
  const { stage, problem } = useStage(element, slide, address.place);
  const place = usePlace(stage);
  const drawn = useDrawn(stage);
  const grades = useGrades(slide.id);
  const heat = useHeat(grades, address.heat);
  useViewAddress(stage, heat.settings);

  const asked = useSearchParams().get('tab');
  const [tab, setTab] = useState<Tab>(tabs.find((one) => one === asked) ?? 'grade');
  const tissue = useTissue(slide, tab === 'tissue');
  const [panel, foldPanel] = useDisclosure(true);
  const [keys, showKeys] = useDisclosure(false);
  const [mark, setMark] = useState<Mark | null>(null);
  const ranked = useMemo(
    () => (heat.scores.data ? rankedCrops(slide, heat.scores.data) : null),
    [slide, heat.scores.data],
  );

  const goToCrop = useCallback(
    ({ x0, y0, size0X, size0Y }: Mark) => stage?.goTo({ x: x0 + size0X / 2, y: y0 + size0Y / 2, zoom: 256 / size0X }),
    [stage],
  );
  const goToPlace = useCallback(
    ({ x0, y0, width0, height0 }: UnreadablePlace) => {
      stage?.goTo({ x: x0 + width0 / 2, y: y0 + height0 / 2, zoom: 256 / Math.max(width0, height0) });
      setMark({ x0, y0, size0X: width0, size0Y: height0 });
    },
    [stage],
  );
  const visited = useRef(-1);
  const visit = (step: number) => {
    if (!ranked || ranked.length === 0) return;
    visited.current = (Math.max(visited.current, step > 0 ? -1 : 0) + step + ranked.length) % ranked.length;
    const crop = ranked[visited.current];
    if (!crop) return;
    goToCrop(crop);
    setMark(crop);
  };

  const annotations = useAnnotations(
    slide.id,
    useCallback(() => setTab('annotations'), []),
  );

  // The scale bar lies along x, and so does what the magnification is told from.
  const mpp = slide.mpp?.x ?? null;
  useDoubleClick(stage, mpp);
  useShortcuts([
    ...stageKeys(stage, mpp),
    ['h', heat.toggle],
    ['g', () => tissue.change({ grid: !tissue.settings.grid })],
    ['t', () => tissue.change({ mask: !tissue.settings.mask })],
    ['[', () => heat.change({ opacity: stepOpacity(heat.settings.opacity, -0.1) })],
    [']', () => heat.change({ opacity: stepOpacity(heat.settings.opacity, 0.1) })],
    ['n', () => visit(1)],
    ['N', () => visit(-1)],
    ['s', foldPanel.toggle],
    ['?', showKeys.toggle],
  ]);

  return (
    <div className={classes.viewer}>
      <section className={classes.stage} aria-label={`Slide ${slide.name}`}>
        <div ref={element} className={classes.canvas} data-testid="slide-canvas" data-open={stage !== null} />
        {stage && <TissueLayer stage={stage} tissue={tissue.picture} />}
        {stage && <HeatLayer stage={stage} shown={heat.shown} />}
        {stage && <MarkLayer stage={stage} mark={mark} />}
        {stage && <AnnotationLayer stage={stage} slide={slide} annotations={annotations} />}
        <SlideName slide={slide} grades={grades} />
        <div className={classes.corner}>
          <button type="button" onClick={showKeys.open} aria-label="Keys" title="Keys (?)">
            <Icon name="keyboard" />
          </button>
          <button
            type="button"
            onClick={foldPanel.toggle}
            aria-expanded={panel}
            aria-label="Panel"
            title="Fold the panel (s)"
          >
            <Icon name="panel" />
          </button>
        </div>
        {stage && place && <ScaleBar mpp={mpp} place={place} onZoom={(zoom) => stage.goTo({ zoom })} />}
        {!drawn && !problem && (
          <p className={classes.opening} role="status">
            The slide is being opened …
          </p>
        )}
        {problem && (
          <div className={classes.problem}>
            <ProblemView problem={problem} onRetry={() => window.location.reload()} />
          </div>
        )}
      </section>
      {panel && (
        <Panel
          tab={tab}
          onTab={setTab}
          content={{
            grade: (
              <>
                <ArrivalGrades gradings={slide.gradings} />
                <GradeTab grades={grades} />
              </>
            ),
            crops: (
              <CropsTab
                slide={slide}
                stage={stage}
                jobId={grades.job}
                encoder={heat.encoder}
                scores={heat.scores}
                ranked={ranked}
                onPoint={setMark}
                onGo={goToCrop}
              />
            ),
            annotations: <AnnotationsTab slide={slide} stage={stage} annotations={annotations} />,
            tissue: <TissueTab slide={slide} tissue={tissue} />,
            walk: <WalkTab jobId={grades.job} />,
            slide: <SlideTab slide={slide} onPlace={goToPlace} />,
          }}
          foot={
            heat.encoder && (tab === 'grade' || tab === 'crops') ? <HeatControls grades={grades} heat={heat} /> : null
          }
        />
      )}
      <ShortcutList opened={keys} onClose={showKeys.close} />
    </div>
  );
}
