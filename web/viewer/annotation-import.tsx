import { Button, Switch } from '@mantine/core';
import type { AnnotationImportReport } from '@stroma/core/http/annotation';
import { useCallback, useRef, useState } from 'react';
import { fetchJson } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { Dialog } from '../parts/dialog.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { AnnotationReport } from './annotation-report.tsx';
import classes from './annotations.module.css';

interface Props {
  slideId: string;
  opened: boolean;
  onClose: () => void;
  onTaken: () => void;
}

/** A GeoJSON file: what of it fits the slide is said before anything is taken. */
export function AnnotationImport({ slideId, opened, onClose, onTaken }: Props) {
  const chooser = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [replace, setReplace] = useState(false);
  const [report, setReport] = useState<AnnotationImportReport | null>(null);
  const ask = useCallback(
    (body: File, same: string, dryRun: boolean) =>
      fetchJson<AnnotationImportReport>(
        `/api/slides/${slideId}/annotations/import?same=${same}&dryRun=${dryRun ? 1 : 0}`,
        { method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } },
      ),
    [slideId],
  );
  const look = useAction(
    useCallback(
      async (body: File, same: string) => {
        setReport(null);
        setReport(await ask(body, same, true));
      },
      [ask],
    ),
  );
  const close = useCallback(() => {
    setFile(null);
    setReport(null);
    onClose();
  }, [onClose]);
  const take = useAction(
    useCallback(
      async (body: File, same: string) => {
        await ask(body, same, false);
        onTaken();
        close();
      },
      [ask, onTaken, close],
    ),
  );
  const same = replace ? 'replace' : 'keep';
  const choose = (chosen: File | undefined) => {
    setFile(chosen ?? null);
    if (chosen) void look.run(chosen, same);
  };
  const taken = report ? report.added + report.replaced : 0;
  const problem = look.problem ?? take.problem;
  return (
    <Dialog opened={opened} onClose={close} title="Import annotations" centered size="lg">
      <p style={{ marginTop: 0 }}>
        GeoJSON in px of the slide’s full resolution, as QuPath exports it: <span className="mono">.geojson</span>,{' '}
        <span className="mono">.json</span>, also gzipped. Points, polygons with holes and several polygons in one are
        kept; lines, detections and cells are not.
      </p>
      <input
        ref={chooser}
        hidden
        type="file"
        accept=".geojson,.json,.gz,application/geo+json,application/json"
        data-testid="annotation-file"
        onChange={(event) => {
          choose(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      <div className={classes.acts}>
        <Button variant="default" size="compact-sm" loading={look.busy} onClick={() => chooser.current?.click()}>
          Choose a file…
        </Button>
        {file && <span>{file.name}</span>}
      </div>
      <Switch
        mt="sm"
        label="Replace annotations that are here already"
        description="Those whose id is on this slide; otherwise they stay as they are."
        checked={replace}
        onChange={(event) => {
          const next = event.currentTarget.checked;
          setReplace(next);
          if (file) void look.run(file, next ? 'replace' : 'keep');
        }}
      />
      {report && <AnnotationReport report={report} />}
      {problem && <ProblemView compact problem={problem} />}
      <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8, marginTop: 14 }}>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          disabled={!file || taken === 0}
          loading={take.busy}
          onClick={() => file && void take.run(file, same)}
          data-testid="annotation-take"
        >
          {taken > 0 ? `Take ${counted(taken, 'annotation')}` : 'Take'}
        </Button>
      </div>
    </Dialog>
  );
}
