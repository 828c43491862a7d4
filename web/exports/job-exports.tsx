'use client';
import { Button } from '@mantine/core';
import type { ExportMessage, ExportPlan, ExportRequest } from '@stroma/core/http/export';
import type { JobDetail } from '@stroma/core/http/job';
import { bytesLabel, durationLabel } from '@stroma/core/units';
import { useState } from 'react';
import { useJson } from '../data/use-json.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { ContentsButton } from './contents-button.tsx';
import { ExportState } from './export-state.tsx';
import { layoutMeaning, layoutWord } from './export-word.ts';
import classes from './exports.module.css';
import { useExports } from './use-exports.ts';

const namings = [
  { value: 'coded', label: 'codes, which a slide’s page tells' },
  { value: 'uploaded', label: 'the names of the files and the IDs of the labels' },
];
type Planned = ExportPlan['exports'][number];

/** Every encoder in every layout, with what it would be; offered once its embeddings or scores are there. */
export function JobExports({ job }: { job: JobDetail }) {
  const { list, ask } = useExports(job.id);
  const done = job.runs.filter(({ stage, status }) => isExported(stage) && status === 'succeeded').length;
  // Asked anew when another stage is done: what can be exported is known by the server.
  const plan = useJson<ExportPlan>(done > 0 ? `/api/jobs/${job.id}/export-plan?done=${done}` : null, {
    keepPreviousData: true,
  });
  const [names, setNames] = useState<'coded' | 'uploaded'>('coded');
  if (done === 0)
    return <p className="soft">Embeddings can be taken away here when the first encoder has embedded its crops.</p>;
  return (
    <>
      <div className={classes.names}>
        <Choice
          label="Slides and patients are called by"
          options={namings}
          value={names}
          onChange={(value) => setNames(value as typeof names)}
          width={360}
        />
      </div>
      {ask.problem && <ProblemView problem={ask.problem} />}
      <Answer of={plan} what="what can be exported">
        {(planned) => (
          <Answer of={list} what="exports">
            {({ exports }) => (
              <div className={classes.choices}>
                {planned.exports.map((one) => (
                  <ExportChoice
                    key={`${one.encoder} ${one.layout}`}
                    planned={one}
                    request={{ jobId: job.id, encoder: one.encoder, layout: one.layout, names }}
                    exports={exports}
                    ask={ask}
                  />
                ))}
              </div>
            )}
          </Answer>
        )}
      </Answer>
    </>
  );
}

function ExportChoice({
  planned,
  request,
  exports,
  ask,
}: {
  planned: Planned;
  request: Required<ExportRequest>;
  exports: ExportMessage[];
  ask: ReturnType<typeof useExports>['ask'];
}) {
  const { encoder, layout, fileName } = planned;
  const newest = newestOf(exports, request);
  return (
    <div className={classes.choice}>
      <span>
        <strong>{encoderWord[encoder]}</strong>, {layoutWord[layout]}
        <span className="soft"> {layoutMeaning[layout]}</span>
      </span>
      <span className={classes.acts}>
        {newest ? (
          <ExportState one={newest} onRetry={() => void ask.run(request)} />
        ) : (
          <>
            <span className="soft" data-testid={`plan-${layout}-${encoder}`}>
              {amount(planned)}
            </span>
            <Button
              variant="default"
              disabled={ask.busy}
              onClick={() => void ask.run(request)}
              data-testid={`export-${layout}-${encoder}`}
            >
              Write export
            </Button>
          </>
        )}
        <ContentsButton of={{ ...request, fileName }} title={`${encoderWord[encoder]}, ${layoutWord[layout]}`} />
      </span>
    </div>
  );
}

const isExported = (stage: string) => stage === 'embed' || stage === 'predict';

/** `36 slides, 41,200 crops, about 30 MB, some 12 s` */
function amount({ slides, crops, bytes, seconds }: Planned): string {
  const time = seconds === null ? '' : `, some ${durationLabel(Math.max(1, seconds))} as the last one took`;
  return `${counted(slides, 'slide')}, ${counted(crops, 'crop')}, about ${bytesLabel(bytes)}${time}`;
}

const newestOf = (exports: ExportMessage[], { encoder, layout, names }: Required<ExportRequest>) =>
  exports
    .filter((one) => one.encoder === encoder && one.layout === layout && one.names === names)
    .sort((a, b) => b.id - a.id)[0];
