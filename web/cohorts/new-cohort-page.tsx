'use client';
import { Button, TextInput } from '@mantine/core';
import type { CohortDraft, CohortMessage } from '@stroma/core/http/cohort';
import { useRouter } from 'next/navigation';
import { type FormEvent, useCallback, useState } from 'react';
import { useSWRConfig } from 'swr';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { Loading } from '../parts/loading.tsx';
import { NumberField } from '../parts/number-field.tsx';
import { Page } from '../parts/page.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './cohorts.module.css';
import { CsvField } from './csv-field.tsx';
import { LabelReportView } from './label-report-view.tsx';
import { useLabelReport } from './use-label-report.ts';

type Meanings = NonNullable<CohortDraft['classOf']>;

export function NewCohortPage() {
  const [draft, setDraft] = useState<CohortDraft>({ name: '', labelsCsv: '', foldCount: 5, seed: 7 });
  const change = (values: Partial<CohortDraft>) => setDraft((before) => ({ ...before, ...values }));
  const dryRun = useLabelReport(draft);
  const router = useRouter();
  const { mutate } = useSWRConfig();
  const save = useAction(
    useCallback(
      async (cohort: CohortDraft) => {
        const { id } = await send<CohortMessage>('POST', '/api/cohorts', cohort);
        await mutate('/api/cohorts');
        router.push(`/cohorts/${id}`);
      },
      [router, mutate],
    ),
  );
  const ready = draft.name.trim() !== '' && dryRun.report?.acceptable === true && !dryRun.busy;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) void save.run({ ...draft, name: draft.name.trim() });
  };

  return (
    <Page title="New cohort" about="Nothing is saved until you save. The report on the right says what would happen.">
      <form className={classes.columns} onSubmit={submit}>
        <div className={classes.fields}>
          <TextInput
            label="Name"
            required
            maxLength={120}
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            data-testid="cohort-name"
          />
          {/* What other labels' spellings meant is not asked of these. */}
          <CsvField value={draft.labelsCsv} onChange={(labelsCsv) => change({ labelsCsv, classOf: {} })} />
          <div className={classes.pair}>
            <NumberField
              required
              label="Folds"
              description="Every patient lies in exactly one."
              min={2}
              max={20}
              defaultValue={draft.foldCount}
              onChange={(foldCount) => foldCount !== null && change({ foldCount })}
              data-testid="cohort-folds"
            />
            <NumberField
              required
              label="Seed"
              description="The same seed gives the same folds."
              min={0}
              max={2_147_483_647}
              defaultValue={draft.seed}
              onChange={(seed) => seed !== null && change({ seed })}
              data-testid="cohort-seed"
            />
          </div>
          <div>
            <Button type="submit" disabled={!ready} loading={save.busy} data-testid="save-cohort">
              Save cohort
            </Button>
            {dryRun.report?.acceptable && draft.name.trim() === '' && (
              <span className="soft"> It still needs a name.</span>
            )}
          </div>
          {save.problem && <ProblemView problem={save.problem} />}
        </div>
        <section className={classes.report} aria-label="Dry run" aria-live="polite" aria-busy={dryRun.busy}>
          <h2>Dry run</h2>
          {dryRun.problem && <ProblemView problem={dryRun.problem} onRetry={dryRun.again} />}
          {dryRun.report && (
            <LabelReportView
              report={dryRun.report}
              onMap={(written, grade) => change({ classOf: withMeaning(draft.classOf, written, grade) })}
            />
          )}
          {!dryRun.report &&
            !dryRun.problem &&
            (dryRun.busy ? (
              <Loading what="the labels" />
            ) : (
              <p className="soft">Give labels to see which slides they fit.</p>
            ))}
        </section>
      </form>
    </Page>
  );
}

/** A grade that means the class it is written as needs no word. */
function withMeaning(known: Meanings = {}, written: string, grade: string | null): Meanings {
  const { [written]: _, ...others } = known;
  return written === grade ? others : { ...others, [written]: grade };
}
