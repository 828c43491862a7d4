'use client';
import type { Lineage, ModelDetail } from '@stroma/core/http/model';
import { selectionLabel } from '@stroma/core/selection-label';
import { useParams } from 'next/navigation';
import { cropsLabel } from '../crops/crop-words.ts';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { ActiveSwitch } from './active-switch.tsx';
import { LineageView } from './lineage-view.tsx';
import { ModelCard } from './model-card.tsx';
import { ModelFiles } from './model-files.tsx';
import { kindWord, modelName } from './model-words.ts';

export function ModelPage() {
  const { runId } = useParams<{ runId: string }>();
  const model = useJson<ModelDetail>(`/api/models/${runId}`, {
    refreshInterval: (data) => (data && data.gradings.open > 0 ? 3000 : 0),
  });
  const lineage = useJson<Lineage>(model.data ? `/api/models/${runId}/lineage` : null);
  return (
    <Page
      title={model.data ? modelName(model.data) : `Model ${runId}`}
      about={model.data && <Facts model={model.data} />}
    >
      <Answer of={model} what="the model">
        {(data) => (
          <>
            {data.kind === 'abmil' && <ActiveSwitch model={data} onChange={(next) => void model.mutate(next)} />}
            <Section title="Card">
              <ModelCard model={data} />
            </Section>
            <Section title="Lineage">
              <Answer of={lineage} what="the lineage">
                {(found) => <LineageView lineage={found} current={`run ${data.runId}`} />}
              </Answer>
            </Section>
            <Section title="Files">
              <ModelFiles model={data} />
            </Section>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Facts({ model }: { model: ModelDetail }) {
  return (
    <span style={{ display: 'inline-flex', gap: 14, flexWrap: 'wrap' }}>
      <span>{kindWord[model.kind]}</span>
      <span>
        cohort <Link href={`/cohorts/${model.cohortId}`}>{model.cohortName}</Link>
      </span>
      <span>
        crops at {cropsLabel(model)}: {selectionLabel(model.cropSelection)}
      </span>
      <span>
        <Link href={`/jobs/${model.jobId}`}>Job {model.jobId}</Link>
      </span>
    </span>
  );
}
