'use client';
import type { ExportMessage } from '@stroma/core/http/export';
import { useUrlState } from '../data/use-url-state.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { hasWords } from '../parts/list-order.ts';
import type { Column } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { OrderedTable } from '../parts/ordered-table.tsx';
import { Page } from '../parts/page.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { ContentsButton } from './contents-button.tsx';
import { ExportState } from './export-state.tsx';
import { layoutWord } from './export-word.ts';
import { Sha256 } from './sha256.tsx';
import { sameExport, useExports } from './use-exports.ts';

export function ExportsPage() {
  const { parameters, change } = useUrlState();
  const search = parameters.get('search') ?? '';
  const state = parameters.get('state');
  const { list, ask } = useExports();
  const columns: Column<ExportMessage>[] = [
    { title: 'Export', orderBy: 'export', value: (one) => one.id, cell: (one) => `Export ${one.id}` },
    {
      title: 'Job',
      orderBy: 'job',
      value: (one) => one.jobId,
      cell: (one) => <Link href={`/jobs/${one.jobId}`}>Job {one.jobId}</Link>,
    },
    {
      title: 'Encoder',
      orderBy: 'encoder',
      value: (one) => encoderWord[one.encoder],
      cell: (one) => encoderWord[one.encoder],
    },
    {
      title: 'Layout',
      orderBy: 'layout',
      value: (one) => layoutWord[one.layout],
      cell: (one) => layoutWord[one.layout],
    },
    { title: 'Names', orderBy: 'names', value: (one) => one.names, cell: (one) => one.names },
    {
      title: 'State',
      wrap: true,
      orderBy: 'state',
      value: (one) => one.status,
      cell: (one) => <ExportState one={one} onRetry={() => void ask.run(sameExport(one))} />,
    },
    {
      title: 'Contents',
      cell: (one) => <ContentsButton of={one} title={`Export ${one.id}`} />,
    },
    { title: 'SHA-256', cell: (one) => (one.sha256 ? <Sha256 value={one.sha256} /> : '–') },
    {
      title: 'Asked for',
      orderBy: 'asked',
      value: (one) => one.createdAt,
      cell: (one) => <Moment at={one.createdAt} />,
    },
  ];
  return (
    <Page
      title="Exports"
      about="Embeddings as zip files, in the layouts that other tools read."
      acts={
        <>
          <SearchField
            label="Search exports"
            placeholder="Job, encoder, layout, SHA-256"
            value={search}
            onFind={(text) => change({ search: text })}
          />
          <Choice
            label="State"
            hideLabel
            anything="Any state"
            options={states}
            value={state}
            onChange={(value) => change({ state: value })}
            width={150}
          />
        </>
      }
    >
      {ask.problem && <ProblemView problem={ask.problem} />}
      <Answer of={list} what="exports">
        {({ exports }) => {
          const shown = exports.filter((one) => (!state || one.status === state) && matches(one, search));
          if (shown.length > 0) {
            return <OrderedTable label="Exports" columns={columns} rows={shown} rowKey={(one) => one.id} />;
          }
          if (exports.length > 0) return <Empty title="No export is like this" />;
          return (
            <Empty title="No exports yet">
              They are asked for on the page of a <Link href="/jobs">job</Link> whose embeddings are done.
            </Empty>
          );
        }}
      </Answer>
    </Page>
  );
}

const states: { value: ExportMessage['status']; label: string }[] = [
  { value: 'queued', label: 'waiting' },
  { value: 'running', label: 'being written' },
  { value: 'ready', label: 'ready' },
  { value: 'failed', label: 'failed' },
];

const matches = ({ id, jobId, encoder, layout, names, sha256 }: ExportMessage, search: string) =>
  hasWords(search, `export ${id}`, `job ${jobId}`, encoderWord[encoder], layoutWord[layout], names, sha256);
