'use client';
import type { ModelList, ModelMessage } from '@stroma/core/http/model';
import { modelKinds } from '@stroma/core/model-kinds';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { hasWords } from '../parts/list-order.ts';
import { counted } from '../parts/number-label.ts';
import { Page } from '../parts/page.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { ModelTable } from './model-table.tsx';
import { headline, kindWord, modelName } from './model-words.ts';

const orders = {
  newest: (a: ModelMessage, b: ModelMessage) => b.runId - a.runId,
  oldest: (a: ModelMessage, b: ModelMessage) => a.runId - b.runId,
  auc: (a: ModelMessage, b: ModelMessage) => (headline(b)?.value ?? -1) - (headline(a)?.value ?? -1),
  cohort: (a: ModelMessage, b: ModelMessage) => a.cohortName.localeCompare(b.cohortName) || b.runId - a.runId,
};
const orderWord = { newest: 'Newest first', oldest: 'Oldest first', auc: 'Highest AUC first', cohort: 'By cohort' };
type Order = keyof typeof orders;
const isOrder = (value: string | null): value is Order => value !== null && value in orders;

export function ModelsPage() {
  const { parameters, change } = useUrlState();
  const search = parameters.get('search') ?? '';
  const kind = parameters.get('kind');
  const wanted = parameters.get('order');
  const order = isOrder(wanted) ? wanted : 'newest';
  const list = useJson<ModelList>('/api/models');
  return (
    <Page
      title="Models"
      about={list.data && counted(list.data.models.length, 'model')}
      acts={
        <>
          <SearchField
            label="Search models"
            placeholder="Cohort, preset, seed, revision"
            value={search}
            onFind={(text) => change({ search: text })}
          />
          <Choice
            label="Kind"
            hideLabel
            anything="Any kind"
            options={[...modelKinds.map((value) => ({ value, label: kindWord[value] })), activeOnly]}
            value={kind}
            onChange={(value) => change({ kind: value })}
            width={190}
          />
          <Choice
            label="Order"
            hideLabel
            options={Object.entries(orderWord).map(([value, label]) => ({ value, label }))}
            value={order}
            onChange={(value) => change({ order: value === 'newest' ? null : value })}
            width={160}
          />
        </>
      }
    >
      <Answer of={list} what="models">
        {({ models }) => {
          const shown = models.filter((model) => isOf(model, kind) && matches(model, search)).sort(orders[order]);
          if (shown.length > 0) return <ModelTable models={shown} />;
          if (models.length > 0) return <Empty title="No model is like this" />;
          return (
            <Empty title="No models yet">
              A training <Link href="/jobs">job</Link> leaves two encoders, a generator and slide models here as each of
              its stages ends.
            </Empty>
          );
        }}
      </Answer>
    </Page>
  );
}

const activeOnly = { value: 'active', label: 'Active' };
const isOf = (model: ModelMessage, kind: string | null) =>
  kind === null || (kind === 'active' ? model.active !== null : model.kind === kind);

function matches(model: ModelMessage, search: string): boolean {
  const { cohortName, preset, seed, codeRevision, jobId } = model;
  return hasWords(search, modelName(model), cohortName, preset, `seed ${seed}`, `job ${jobId}`, codeRevision);
}
