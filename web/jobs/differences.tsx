import type { JobProvenance } from '@stroma/core/http/provenance';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { counted } from '../parts/number-label.ts';
import { type Difference, settingDifferences } from './setting-differences.ts';

interface Both {
  first: JobProvenance;
  second: JobProvenance;
}

export function Differences({ first, second }: Both) {
  const found = settingDifferences(first, second);
  if (found.length === 0) return <p className="soft">All settings of stages that both have begun are the same.</p>;
  const columns: Column<Difference>[] = [
    { title: 'Stage', cell: ({ where }) => where },
    { title: 'Setting', cell: ({ name }) => <span className="mono">{name}</span> },
    { title: `Job ${first.jobId}`, wrap: true, cell: (one) => <span className="mono">{one.first}</span> },
    { title: `Job ${second.jobId}`, wrap: true, cell: (one) => <span className="mono">{one.second}</span> },
  ];
  return (
    <>
      <p className="soft">{counted(found.length, 'setting')} differ; the others are the same.</p>
      <ListTable
        label="Settings that differ"
        columns={columns}
        rows={found}
        rowKey={({ where, name }) => `${where} ${name}`}
      />
    </>
  );
}
