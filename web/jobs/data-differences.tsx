import type { JobProvenance } from '@stroma/core/http/provenance';
import { Sha256 } from '../exports/sha256.tsx';
import { Link } from '../parts/link.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { count, counted } from '../parts/number-label.ts';
import { nameOf } from './setting-differences.ts';

type Slide = JobProvenance['slides'][number];
const cropsOf = (slides: Slide[]) => slides.reduce((sum, slide) => sum + slide.crops, 0);

/** The crops by content, how many, of which slides; slides that only one of the jobs has are named. */
export function DataDifferences({ first, second }: { first: JobProvenance; second: JobProvenance }) {
  const both = [first, second];
  // Before one of them has embedded anything nothing is known of its slides.
  const known = both.every(({ slides }) => slides.length > 0);
  const onlyFirst = known ? without(first.slides, second.slides) : [];
  const onlySecond = known ? without(second.slides, first.slides) : [];
  const inputs = first.runs.flatMap((run) => {
    const other = second.runs.find((one) => one.stage === run.stage && one.encoder === run.encoder);
    return Object.keys(run.data).flatMap((name) => {
      const [a, b] = [run.data[name], other?.data[name]];
      return a && b ? [{ where: nameOf(run), name, a, b }] : [];
    });
  });
  const columns: Column<(typeof inputs)[number]>[] = [
    { title: 'Stage', cell: ({ where }) => where },
    { title: 'Input', cell: ({ name }) => name },
    { title: '', cell: ({ a, b }) => (a === b ? 'the same' : <strong>differs</strong>) },
    { title: `Job ${first.jobId}`, cell: ({ a }) => <Sha256 value={a} /> },
    { title: `Job ${second.jobId}`, cell: ({ b }) => <Sha256 value={b} /> },
  ];
  return (
    <>
      <ul style={{ margin: '0 0 8px', paddingLeft: 18 }}>
        {both.map(({ jobId, cohortId, cohortName, slides }) => (
          <li key={jobId}>
            Job {jobId}: cohort <Link href={`/cohorts/${cohortId}`}>{cohortName}</Link>,{' '}
            {slides.length === 0
              ? 'nothing embedded yet'
              : `${counted(cropsOf(slides), 'crop')} of ${counted(slides.length, 'slide')}`}
          </li>
        ))}
      </ul>
      <Only jobId={first.jobId} slides={onlyFirst} />
      <Only jobId={second.jobId} slides={onlySecond} />
      {inputs.length > 0 && (
        <ListTable label="Inputs by content" columns={columns} rows={inputs} rowKey={(one) => one.where + one.name} />
      )}
    </>
  );
}

function Only({ jobId, slides }: { jobId: number; slides: Slide[] }) {
  if (slides.length === 0) return null;
  return (
    <details>
      <summary>
        {counted(slides.length, 'slide')} only in job {jobId}, or with another number of crops
      </summary>
      <ul>
        {slides.map(({ id, name, crops }) => (
          <li key={id}>
            <Link href={`/slides/${id}`}>{name}</Link>, {count(crops)} crops
          </li>
        ))}
      </ul>
    </details>
  );
}

const without = (slides: Slide[], others: Slide[]) =>
  slides.filter(({ sha256, crops }) => !others.some((other) => other.sha256 === sha256 && other.crops === crops));
