import type { JobDetail } from '@stroma/core/http/job';
import type { JobProvenance } from '@stroma/core/http/provenance';
import { useEffect } from 'react';
import { useJson } from '../data/use-json.ts';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { counted } from '../parts/number-label.ts';
import { type OwnSetting, ownSettings } from './own-settings.ts';

const columns: Column<OwnSetting>[] = [
  { title: 'Stage', cell: ({ stage }) => stage },
  { title: 'Setting', cell: ({ name }) => <span className="mono">{name}</span> },
  { title: 'This job', wrap: true, cell: ({ value }) => <span className="mono">{value}</span> },
  {
    title: 'The preset',
    wrap: true,
    cell: ({ preset }) =>
      preset === undefined ? <span className="soft">not known</span> : <span className="mono">{preset}</span>,
  },
];

/** What the job does otherwise than its preset. */
export function JobSettings({ job: { id, preset, seed, overrides, runs } }: { job: JobDetail }) {
  const isOwn = Object.values(overrides).some((stage) => Object.keys(stage).length > 0);
  const provenance = useJson<JobProvenance>(isOwn ? `/api/jobs/${id}/provenance` : null);
  const { mutate } = provenance;
  // A run tells what its settings replaced once its trainer has begun.
  const begun = runs.map(({ status, progress }) => `${status} ${progress !== null}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when a run comes further
  useEffect(() => {
    if (isOwn) void mutate();
  }, [begun, isOwn, mutate]);
  if (!isOwn) {
    return (
      <p className="soft" data-testid="job-settings">
        Every stage has the preset’s own settings: {preset}, with seed {seed}.
      </p>
    );
  }
  const rows = ownSettings(overrides, provenance.data?.runs ?? []);
  return (
    <div data-testid="job-settings">
      <p className="soft">
        {counted(rows.length, 'setting')} other than {preset}’s; everything else is the preset’s own, with seed {seed}.
      </p>
      <ListTable
        label="Settings other than the preset’s"
        columns={columns}
        rows={rows}
        rowKey={({ stage, name }) => `${stage} ${name}`}
      />
    </div>
  );
}
