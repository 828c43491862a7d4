'use client';
import { useDisclosure } from '@mantine/hooks';
import type { SlideDetail } from '@stroma/core/http/slide';
import type { UnreadablePlace } from '@stroma/core/http/slide-run';
import { useSearchParams } from 'next/navigation';
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ProblemView } from '../parts/problem-view.tsx';
import { ArrivalGrades } from '../slides/arrival-grades.tsx';
import { AnnotationLayer } from './annotation-layer.tsx';
import { readChoice, selectionAddress } from './choice.ts';
import { galleryAddress, readGallery } from './gallery-order.ts';
import { GradeTab } from './grade-tab.tsx';
import { HeatControls } from './heat-controls.tsx';
import { HeatLayer } from './heat-layer.tsx';
import {
  AnnotationsTab,
  CompareChooser,
  CropInspector,
  CropsTab,
  SecondPane,
  SlideTab,
  TissueTab,
  WalkTab,
} from './lazy-parts.tsx';
import { type Mark, MarkLayer } from './mark-layer.tsx';
import { MeasureLayer } from './measure-layer.tsx';
import { lineText, readLine } from './measured.ts';
import { Panel, type Tab, tabs } from './panel.tsx';
import { type RankedCrop, rankedCrops } from './ranked-crops.ts';
import { ScaleBar } from './scale-bar.tsx';
import { secondAddress } from './second-address.ts';
import { SecondWaiting } from './second-waiting.tsx';
import { ShortcutList } from './shortcut-list.tsx';
import { useShortcuts } from './shortcuts.ts';
import { searchLike } from './similar-search.ts';
import { jobAddress, readJob } from './slide-grades.ts';
import { SlideName } from './slide-name.tsx';
import type { SlideStage } from './slide-stage.ts';
import { stageKeys } from './stage-keys.ts';
import { TissueLayer } from './tissue-layer.tsx';
import { useAnnotations } from './use-annotations.ts';
import { useCropWeights } from './use-crop-weights.ts';
import { useDoubleClick } from './use-double-click.ts';
import { useGrades } from './use-grades.ts';
import { stepOpacity, useHeat } from './use-heat.ts';
import { useLinkedPanes } from './use-linked-panes.ts';
import { useMeasure } from './use-measure.ts';
import { useSecondSlide } from './use-second-slide.ts';
import { cropsToChoose, useSelection } from './use-selection.ts';
import { useDrawn, usePlace, useStage } from './use-stage.ts';
import { useTissue } from './use-tissue.ts';
import { useViewAddress } from './use-view-address.ts';
import { heatAddress, readAddress } from './view-address.ts';
import { ViewTools } from './view-tools.tsx';
import classes from './viewer.module.css';
import { useWalkKey, WalkOffer } from './walk-key.tsx';

/** Slides whose µm/px is not known are compared px by px. */
const ownPx = { x: 1, y: 1 };

/** The slide fills the window; one panel folds away at its right. */
export function SlideViewer({ slide }: { slide: SlideDetail }) {
  const [address] = useState(() => readAddress(window.location.search));
  const element = useRef<HTMLDivElement>(null);
  const { stage, problem } = useStage(element, slide, address.place);
  const place = usePlace(stage);
  const drawn = useDrawn(stage);
  const query = useSearchParams();
  const [job, chooseJob] = useState(() => readJob(query));
  const grades = useGrades(slide.id, job);
  const heat = useHeat(grades, address.heat);

  const asked = query.get('tab');
  const [tab, setTab] = useState<Tab>(tabs.find((one) => one === asked) ?? 'grade');
  const [order, setOrder] = useState(() => readGallery(query));
  const tissue = useTissue(slide, tab === 'tissue', query);
  const [panel, foldPanel] = useDisclosure(true);
  const [keys, showKeys] = useDisclosure(false);
  const [mark, setMark] = useState<Mark | null>(null);
  const prediction = heat.encoder ? grades.of[heat.encoder] : undefined;
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
  const annotations = useAnnotations(
    slide.id,
    useCallback(() => setTab('annotations'), []),
  );
  const measure = useMeasure(stage, readLine(query.get('line')));
  const toggleMeasure = () => {
    annotations.setTool(null);
    measure.toggle();
  };
  const showCrops = useCallback(() => setTab('crops'), []);
  const selection = useSelection(
    stage,
    slide,
    cropsToChoose(slide, prediction),
    readChoice(query),
    !measure.on && annotations.tool === null,
    showCrops,
  );
  const { choice, detail } = selection;
  const crop = (choice && 'cropId' in choice && detail.data) || null;
  const weights = useCropWeights(grades, crop);
  const chosen = crop ?? (choice && 'x' in choice ? { x0: choice.x, y0: choice.y, size0X: 0, size0Y: 0 } : null);

  const findSimilar =
    heat.encoder && grades.job !== null ? searchLike.bind(null, { jobId: grades.job, encoder: heat.encoder }) : null;
  const visitCrop = (ranked: RankedCrop) => {
    goToCrop(ranked);
    selection.choose({ cropId: ranked.cropId });
  };

  const visited = useRef(-1);
  const visit = (step: number) => {
    if (!ranked || ranked.count === 0) return;
    visited.current = (Math.max(visited.current, step > 0 ? -1 : 0) + step + ranked.count) % ranked.count;
    const crop = ranked.at(visited.current);
    if (crop) visitCrop(crop);
  };

  const { second, show: showSecond, slide: secondSlide, chooseEncoder } = useSecondSlide(query);
  const [secondStage, setSecondStage] = useState<SlideStage | null>(null);
  const [choosing, chooseSecond] = useDisclosure(false);
  // Stays once it was opened: when it closes, it gives the focus back.
  const chooserWanted = useRef(false);
  chooserWanted.current ||= choosing;
  const panes = useLinkedPanes(
    { stage, scale: slide.mpp ?? ownPx },
    { stage: secondStage, scale: (slide.mpp && secondSlide.data?.mpp) ?? ownPx },
    query,
  );
  const compare = () => (second ? showSecond(null) : chooseSecond.open());

  // What the magnification is told from.
  const mpp = slide.mpp?.x ?? null;
  useEffect(() => stage?.setScale(mpp), [stage, mpp]);
  useDoubleClick(stage, mpp);
  const walkFrom = useWalkKey(crop, () => setTab('walk'));
  useViewAddress(stage, {
    ...jobAddress(grades, job),
    ...heatAddress(heat.settings),
    ...selectionAddress(choice),
    ...galleryAddress(order),
    tab: tab === 'grade' ? null : tab,
    mask: tissue.settings.mask ? 'yes' : null,
    grid: tissue.settings.grid ? 'yes' : null,
    ...secondAddress(second),
    ...panes.address,
    line: measure.on ? lineText(measure.line) : null,
  });
  useShortcuts([
    ...stageKeys(panes.active, panes.active === secondStage ? (secondSlide.data?.mpp?.x ?? null) : mpp),
    ['h', heat.toggle],
    ['g', () => tissue.change({ grid: !tissue.settings.grid })],
    ['t', () => tissue.change({ mask: !tissue.settings.mask })],
    ['[', () => heat.change({ opacity: stepOpacity(heat.settings.opacity, -0.1) })],
    [']', () => heat.change({ opacity: stepOpacity(heat.settings.opacity, 0.1) })],
    ['n', () => visit(1)],
    ['N', () => visit(-1)],
    ['m', toggleMeasure],
    ...(measure.on && stage ? [['Enter', () => measure.set(stage.place())] as const] : []),
    ...(annotations.tool === null
      ? [['Escape', () => (measure.on ? measure.toggle() : selection.choose(null))] as const]
      : []),
    ['c', compare],
    ['l', panes.toggle],
    ['w', walkFrom],
    ['s', foldPanel.toggle],
    ['?', showKeys.toggle],
  ]);

  return (
    <div className={classes.viewer}>
      <section className={classes.stage} aria-label={`Slide ${slide.name}`}>
        <div
          ref={element}
          className={classes.canvas}
          data-testid="slide-canvas"
          data-open={stage !== null}
          data-drawer={stage?.viewer.drawer.getType()}
        />
        {stage && <TissueLayer stage={stage} tissue={tissue.picture} />}
        {stage && <HeatLayer stage={stage} shown={heat.shown} />}
        {stage && <MarkLayer stage={stage} mark={mark ?? chosen} />}
        {stage && <AnnotationLayer stage={stage} slide={slide} annotations={annotations} />}
        {stage && measure.on && <MeasureLayer stage={stage} measure={measure} spacing={slide.mpp} />}
        <div className={classes.top}>
          <div className={classes.nameRoom}>
            <SlideName slide={slide} prediction={prediction} />
          </div>
          <ViewTools
            stage={stage}
            rotation={Math.round(place?.rotation ?? 0) % 360}
            measuring={measure.on}
            comparing={second !== null}
            panel={panel}
            onMeasure={toggleMeasure}
            onCompare={compare}
            onKeys={showKeys.open}
            onPanel={foldPanel.toggle}
          />
        </div>
        {stage && place && <ScaleBar spacing={slide.mpp} place={place} onZoom={(zoom) => stage.goTo({ zoom })} />}
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
      {second && !secondSlide.data && <SecondWaiting slide={secondSlide} onClose={compare} />}
      {second && secondSlide.data && (
        <Suspense>
          <SecondPane
            key={second.slideId}
            slide={secondSlide.data}
            job={grades.job}
            encoder={second.encoder}
            heat={heat.settings}
            panes={panes}
            onStage={setSecondStage}
            onEncoder={chooseEncoder}
            onClose={compare}
          />
        </Suspense>
      )}
      {panel && (
        <Panel
          tab={tab}
          onTab={setTab}
          content={{
            grade: (
              <>
                <ArrivalGrades gradings={slide.gradings} />
                <GradeTab grades={grades} onJob={chooseJob} />
              </>
            ),
            crops: (
              <>
                <CropInspector
                  slide={slide}
                  selection={selection}
                  weights={weights}
                  predictions={grades.of}
                  colours={heat.settings.colours}
                  onGo={goToCrop}
                  onSimilar={findSimilar}
                />
                <WalkOffer onWalk={() => setTab('walk')} />
                <CropsTab
                  slide={slide}
                  stage={stage}
                  jobId={grades.job}
                  heat={heat}
                  ranked={ranked}
                  order={order}
                  onOrder={setOrder}
                  onPoint={setMark}
                  onGo={goToCrop}
                  onVisit={visitCrop}
                />
              </>
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
      {chooserWanted.current && (
        <Suspense>
          <CompareChooser
            slide={slide}
            grades={grades}
            encoder={heat.settings.encoder}
            opened={choosing}
            onClose={chooseSecond.close}
            onChoose={showSecond}
          />
        </Suspense>
      )}
      <ShortcutList opened={keys} onClose={showKeys.close} />
    </div>
  );
}
