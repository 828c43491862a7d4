import { StromaError } from '@stroma/core/errors';
import type { CohortDraft, CohortMessage, LabelReport } from '@stroma/core/http/cohort';
import type { PortalClient } from './portal-client.ts';

/** Makes a cohort; a name that is taken by an earlier demo gets a number. */
export async function createCohort(
  client: PortalClient,
  wish: Pick<CohortDraft, 'name' | 'labelsCsv' | 'seed'>,
  foldCount = 5,
): Promise<CohortMessage> {
  const { cohorts } = await client.get<{ cohorts: CohortMessage[] }>('/api/cohorts');
  const taken = new Set(cohorts.map((cohort) => cohort.name));
  let name = wish.name;
  for (let number = 2; taken.has(name); number += 1) name = `${wish.name} ${number}`;
  const draft: CohortDraft = { ...wish, name, foldCount };

  const report = await client.post<LabelReport>('/api/cohorts/label-report', draft);
  for (const warning of report.warnings) console.log(`          labels: ${warning}`);
  if (!report.acceptable) {
    throw new StromaError({
      code: 'demo.labels',
      message: 'The labels do not make a cohort.',
      found: `${report.matched.length} rows with a slide, ${report.unmatched.length} without, ${report.duplicate.length} twice`,
      remedy: 'slide_id is the file name without its ending; the warnings above say more.',
    });
  }
  return await client.post<CohortMessage>('/api/cohorts', draft);
}
