import { Button, Switch, TextInput } from '@mantine/core';
import { boundsOf } from '@stroma/core/annotation/measure';
import type { AnnotationMessage } from '@stroma/core/http/annotation';
import type { SlideDetail } from '@stroma/core/http/slide';
import { useCallback, useState } from 'react';
import { Loading } from '../parts/loading.tsx';
import { count } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { AnnotationImport } from './annotation-import.tsx';
import { AnnotationRow } from './annotation-row.tsx';
import { totalWord } from './annotation-words.ts';
import classes from './annotations.module.css';
import type { SlideStage } from './slide-stage.ts';
import { type Annotations, tools } from './use-annotations.ts';

const rowsAtOnce = 100;
const toolWord = { rectangle: 'Rectangle (r)', point: 'Point (p)', polygon: 'Polygon (o)' };

interface Props {
  slide: SlideDetail;
  stage: SlideStage | null;
  annotations: Annotations;
}

/** What was drawn on the slide, and the tools that draw. */
export function AnnotationsTab({ slide, stage, annotations }: Props) {
  const { all, selected, tool, problem } = annotations;
  const [search, setSearch] = useState('');
  const [rows, setRows] = useState(rowsAtOnce);
  const [importing, setImporting] = useState(false);
  const closeImport = useCallback(() => setImporting(false), []);
  const wanted = search.trim().toLowerCase();
  const found = (all ?? []).filter((one) => matches(one, wanted));
  // The chosen one is in the list, wherever it stands.
  const listed = found.slice(0, rows);
  if (selected && !listed.includes(selected) && found.includes(selected)) listed.unshift(selected);

  const go = (one: AnnotationMessage) => {
    annotations.select(one.id);
    stage?.goTo(placeOf(one, stage.viewer.element));
  };
  return (
    <>
      <div className={classes.head} role="toolbar" aria-label="Draw">
        {tools.map((one) => (
          <Button
            key={one}
            size="compact-sm"
            variant={tool === one ? 'filled' : 'default'}
            aria-pressed={tool === one}
            data-testid={`draw-${one}`}
            onClick={() => {
              annotations.setTool(tool === one ? null : one);
              stage?.viewer.canvas.focus();
            }}
          >
            {toolWord[one]}
          </Button>
        ))}
      </div>
      <Switch
        label="Show on the slide"
        checked={annotations.visible}
        onChange={(event) => annotations.setVisible(event.currentTarget.checked)}
      />
      {problem && <ProblemView compact problem={problem} onRetry={annotations.reload} />}
      {!all && !problem && <Loading what="annotations" />}
      {all?.length === 0 && <p className="soft">Nothing is drawn on this slide yet.</p>}
      {all && all.length > 0 && (
        <>
          <p className="soft" data-testid="annotation-count" data-count={all.length}>
            {totalWord(all, slide.mpp)}
          </p>
          <TextInput
            size="xs"
            placeholder="Name, class, author or kind"
            aria-label="Search annotations"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <ul className={classes.list}>
            {listed.map((one) => (
              <AnnotationRow
                key={one.id}
                annotation={one}
                mpp={slide.mpp}
                annotations={annotations}
                isSelected={one.id === selected?.id}
                onGo={() => go(one)}
              />
            ))}
          </ul>
          {found.length === 0 && <p className="soft">None of {count(all.length)} fits the search.</p>}
          {found.length > rows && (
            <Button variant="subtle" size="compact-sm" onClick={() => setRows(rows + rowsAtOnce)}>
              Show more of {count(found.length)}
            </Button>
          )}
        </>
      )}
      <div className={classes.foot}>
        <Button variant="default" size="compact-sm" onClick={() => setImporting(true)} data-testid="annotation-import">
          Import GeoJSON…
        </Button>
        {all && all.length > 0 && (
          <a href={`/api/slides/${slide.id}/annotations.geojson`} download data-testid="annotation-export">
            Export as GeoJSON, for QuPath
          </a>
        )}
      </div>
      <AnnotationImport slideId={slide.id} opened={importing} onClose={closeImport} onTaken={annotations.reload} />
    </>
  );
}

function matches({ name, classification, author, kind }: AnnotationMessage, wanted: string): boolean {
  if (wanted === '') return true;
  return [name, classification?.name, author, kind].some((text) => text?.toLowerCase().includes(wanted));
}

/** Around all of it, with some room; not closer than one screen px a px. */
function placeOf({ geometry }: AnnotationMessage, { clientWidth, clientHeight }: HTMLElement) {
  const { left0, top0, right0, bottom0 } = boundsOf(geometry);
  const fit = 0.6 * Math.min(clientWidth / (right0 - left0 || 1), clientHeight / (bottom0 - top0 || 1));
  return { x: (left0 + right0) / 2, y: (top0 + bottom0) / 2, zoom: Math.min(1, fit) };
}
