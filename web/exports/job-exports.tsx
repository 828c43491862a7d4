'use client';
import { Button } from '@mantine/core';
import type { ExportMessage, ExportRequest } from '@stroma/core/http/export';
import type { JobDetail } from '@stroma/core/http/job';
import { Fragment, useState } from 'react';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ExportState } from './export-state.tsx';
import { layoutMeaning, layoutWord } from './export-word.ts';
import classes from './exports.module.css';
import { useExports } from './use-exports.ts';

const encoders = ['dino', 'gen_dino'] as const;
const namings = [
  { value: 'coded', label: 'codes, which a slide’s page tells' },
  { value: 'uploaded', label: 'the names of the files and the IDs of the labels' },
];
const layouts = ['parquet', 'clam', 'scores'] as const;

/** Every encoder in either layout; offered once its embeddings are there. */
export function JobExports({ job }: { job: JobDetail }) {
  const { list, ask } = useExports(job.id);
  const [names, setNames] = useState<'coded' | 'uploaded'>('coded');
  const done = (stage: 'embed' | 'predict', encoder: (typeof encoders)[number]) => {
    const runs = job.runs.filter((run) => run.stage === stage && run.encoder === encoder);
    return runs.length > 0 && runs.every((run) => run.status === 'succeeded');
  };
  const embedded = encoders.filter((encoder) => done('embed', encoder));
  if (embedded.length === 0)
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
      <Answer of={list} what="exports">
        {({ exports }) => (
          <div className={classes.choices}>
            {embedded.map((encoder) => (
              <Fragment key={encoder}>
                {layouts
                  .filter((layout) => layout !== 'scores' || done('predict', encoder))
                  .map((layout) => {
                    const request = { jobId: job.id, encoder, layout, names };
                    const newest = newestOf(exports, request);
                    return (
                      <div key={layout} className={classes.choice}>
                        <span>
                          <strong>{encoderWord[encoder]}</strong>, {layoutWord[layout]}
                          <span className="soft"> {layoutMeaning[layout]}</span>
                        </span>
                        {newest ? (
                          <ExportState one={newest} onRetry={() => void ask.run(request)} />
                        ) : (
                          <Button
                            variant="default"
                            disabled={ask.busy}
                            onClick={() => void ask.run(request)}
                            data-testid={`export-${layout}-${encoder}`}
                          >
                            Write export
                          </Button>
                        )}
                      </div>
                    );
                  })}
              </Fragment>
            ))}
          </div>
        )}
      </Answer>
    </>
  );
}

const newestOf = (exports: ExportMessage[], { encoder, layout, names }: Omit<ExportRequest, 'jobId'>) =>
  exports
    .filter((one) => one.encoder === encoder && one.layout === layout && one.names === names)
    .sort((a, b) => b.id - a.id)[0];
