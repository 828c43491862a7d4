'use client';
import type { ExportMessage } from '@stroma/core/http/export';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { Page } from '../parts/page.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ExportState } from './export-state.tsx';
import { layoutWord } from './export-word.ts';
import { Sha256 } from './sha256.tsx';
import { sameExport, useExports } from './use-exports.ts';

export function ExportsPage() {
  const { list, ask } = useExports();
  const columns: Column<ExportMessage>[] = [
    { title: 'Export', cell: (one) => `Export ${one.id}` },
    { title: 'Job', cell: (one) => <Link href={`/jobs/${one.jobId}`}>Job {one.jobId}</Link> },
    { title: 'Encoder', cell: (one) => encoderWord[one.encoder] },
    { title: 'Layout', cell: (one) => layoutWord[one.layout] },
    {
      title: 'State',
      wrap: true,
      cell: (one) => <ExportState one={one} onRetry={() => void ask.run(sameExport(one))} />,
    },
    { title: 'SHA-256', cell: (one) => (one.sha256 ? <Sha256 value={one.sha256} /> : '–') },
    { title: 'Asked for', cell: (one) => <Moment at={one.createdAt} /> },
  ];
  return (
    <Page title="Exports" about="Embeddings as zip files, in the layouts that other tools read.">
      {ask.problem && <ProblemView problem={ask.problem} />}
      <Answer of={list} what="exports">
        {({ exports }) =>
          exports.length > 0 ? (
            <ListTable label="Exports" columns={columns} rows={exports} rowKey={(one) => one.id} />
          ) : (
            <Empty title="No exports yet">
              They are asked for on the page of a <Link href="/jobs">job</Link> whose embeddings are done.
            </Empty>
          )
        }
      </Answer>
    </Page>
  );
}
