import type { ModelMessage } from '@stroma/core/http/model';
import { scaleLabel } from '@stroma/core/units';
import { Link } from '../parts/link.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { State } from '../parts/state.tsx';
import { basisLabel, headline, measuredLabel, modelName, trainedOn } from './model-words.ts';

const columns: Column<ModelMessage>[] = [
  { title: 'Model', cell: (model) => <Link href={`/models/${model.runId}`}>{modelName(model)}</Link> },
  {
    title: 'New slides',
    cell: (model) => (model.active ? <State name="ready" text="active" /> : <span className="soft">–</span>),
  },
  { title: 'Cohort', cell: (model) => <Link href={`/cohorts/${model.cohortId}`}>{model.cohortName}</Link> },
  { title: 'Trained on', cell: trainedOn },
  { title: 'Crops at', cell: (model) => scaleLabel(model.mpp) },
  {
    title: 'AUC, macro',
    cell: (model) => {
      const found = headline(model);
      if (!found) return <span className="soft">–</span>;
      return (
        <>
          {measuredLabel(found)} <span className="soft">{basisLabel(model.measuredOn)}</span>
        </>
      );
    },
  },
  { title: 'Preset', cell: (model) => model.preset },
  { title: 'Seed', number: true, cell: (model) => model.seed },
  { title: 'Job', cell: (model) => <Link href={`/jobs/${model.jobId}`}>Job {model.jobId}</Link> },
  { title: 'Trained', cell: (model) => <Moment at={model.createdAt} /> },
];

export function ModelTable({ models }: { models: ModelMessage[] }) {
  return <ListTable label="Models" columns={columns} rows={models} rowKey={(model) => model.runId} />;
}
