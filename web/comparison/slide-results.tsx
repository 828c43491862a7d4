import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import type { JobComparison } from '@stroma/core/http/comparison';
import { useMemo } from 'react';
import { useUrlState } from '../data/use-url-state.ts';
import { Choice } from '../parts/choice.tsx';
import { Icon } from '../parts/icon.tsx';
import { count, counted } from '../parts/number-label.ts';
import { Section } from '../parts/page.tsx';
import classes from './results.module.css';
import { ResultsTable } from './results-table.tsx';
import type { Side } from './sides.ts';
import { isSlideFilter, type SlideColumn, slideFilters, slideRows } from './slide-rows.ts';

const pageRows = 100;

/** Every labelled slide with what each encoder made of it; the list's state is in the address. */
export function SlideResults({ data, sides }: { data: JobComparison; sides: Side[] }) {
  const { parameters, change } = useUrlState();
  const search = parameters.get('find') ?? '';
  const shown = parameters.get('slides');
  const filter = isSlideFilter(shown) ? shown : null;
  const name = parameters.get('label');
  const label = name !== null && data.classes.includes(name) ? data.classes.indexOf(name) : null;
  const sort = parameters.get('sort') ?? 'slide';
  const order = useMemo(() => {
    return { column: sort.replace(/^-/, '') as SlideColumn, descending: sort.startsWith('-') };
  }, [sort]);
  const rows = useMemo(
    () => slideRows(data.slides, sides, { filter, label, search, order }),
    [data.slides, sides, filter, label, search, order],
  );
  const last = Math.max(1, Math.ceil(rows.length / pageRows));
  const page = Math.min(last, Math.max(1, Number(parameters.get('page')) || 1));
  const first = (page - 1) * pageRows;
  const listed = rows.slice(first, first + pageRows);
  const anew = (values: Record<string, string | null>) => change({ ...values, page: null });
  const find = useDebouncedCallback((text: string) => anew({ find: text }), 200);
  const total = counted(data.slides.length, 'slide');
  return (
    <Section
      title={rows.length === data.slides.length ? `Slide by slide: ${total}` : `${count(rows.length)} of ${total}`}
      aside={
        <span className={classes.downloads}>
          {sides.map(({ encoder, word }) => (
            <a
              key={encoder}
              href={`/api/jobs/${data.jobId}/results.csv?encoder=${encoder}`}
              download
              data-testid={`results-csv-${encoder}`}
            >
              CSV of {word}
            </a>
          ))}
        </span>
      }
    >
      <div className={classes.choices}>
        <TextInput
          type="search"
          aria-label="Search these slides"
          placeholder="Slide or patient"
          defaultValue={search}
          leftSection={<Icon name="search" size={14} />}
          onChange={(event) => find(event.currentTarget.value)}
          w={200}
        />
        <Choice
          label="Which slides"
          hideLabel
          anything="All slides"
          options={Object.entries(slideFilters)
            .filter(([value]) => value !== 'disagreeing' || sides.length === 2)
            .map(([value, words]) => ({ value, label: sides.length === 2 ? eitherOf(value, words) : words }))}
          value={filter}
          onChange={(slides) => anew({ slides })}
          width={230}
          testId="results-filter"
        />
        <Choice
          label="Label"
          hideLabel
          anything="Any label"
          options={data.classes.map((value) => ({ value, label: value }))}
          value={label === null ? null : name}
          onChange={(value) => anew({ label: value })}
          width={170}
        />
        {last > 1 && (
          <span className={classes.pages}>
            <button type="button" className="link" disabled={page === 1} onClick={() => turn(page - 1)}>
              Previous
            </button>
            <span>
              {count(first + 1)} to {count(first + listed.length)}
            </span>
            <button type="button" className="link" disabled={page === last} onClick={() => turn(page + 1)}>
              Next
            </button>
          </span>
        )}
      </div>
      {listed.length === 0 ? (
        <p className="soft">No slide is like this.</p>
      ) : (
        <ResultsTable
          jobId={data.jobId}
          names={data.classes}
          sides={sides}
          rows={listed}
          order={order}
          onOrder={({ column, descending }) => anew({ sort: `${descending ? '-' : ''}${column}` })}
        />
      )}
    </Section>
  );

  function turn(to: number): void {
    change({ page: to === 1 ? null : String(to) });
  }
}

const eitherOf = (filter: string, words: string) => (filter === 'disagreeing' ? words : `${words} by either`);
