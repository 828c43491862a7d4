'use client';
import { Button } from '@mantine/core';
import type { SlideFilterValues } from '@stroma/core/http/slide';
import { useJson } from '../data/use-json.ts';
import { Choice } from '../parts/choice.tsx';
import { count } from '../parts/number-label.ts';
import { narrowing, slideKinds, sortOf } from './slide-query.ts';
import classes from './slides.module.css';

const sorts = [
  { value: 'added', label: 'Oldest first' },
  { value: 'name', label: 'By name' },
  { value: '-name', label: 'By name, from Z' },
  { value: 'grade', label: 'By grade' },
  { value: '-grade', label: 'By grade, from Z' },
];
const gradings = [
  { value: 'true', label: 'Graded' },
  { value: 'false', label: 'Not graded' },
];
const unlabelled = ' none';

/** What narrows the list and how it is put in order; every choice stands in the address. */
export function SlideFilters({
  address,
  onChange,
}: {
  address: URLSearchParams;
  onChange: (change: Record<string, string | null>) => void;
}) {
  const { data } = useJson<SlideFilterValues>('/api/slides/filters');
  const label = address.get('labelled') === 'false' ? unlabelled : address.get('label');
  const choose = (name: string) => (value: string | null) => onChange({ [name]: value });
  const chosen = narrowing.some((name) => address.has(name));
  return (
    <div className={classes.filters} data-testid="slide-filters">
      <Choice
        label="Label"
        hideLabel
        anything="Any label"
        width={150}
        value={label}
        options={[...valuesOf(data?.labels, address.get('label')), { value: unlabelled, label: 'No label' }]}
        onChange={(value) =>
          onChange({ label: value === unlabelled ? null : value, labelled: value === unlabelled ? 'false' : null })
        }
      />
      <Choice
        label="Site"
        hideLabel
        anything="Any site"
        width={150}
        value={address.get('site')}
        options={valuesOf(data?.sites, address.get('site'))}
        onChange={choose('site')}
      />
      <Choice
        label="Grades"
        hideLabel
        anything="Graded or not"
        width={140}
        value={address.get('graded')}
        options={gradings}
        onChange={choose('graded')}
      />
      <Choice
        label="Format"
        hideLabel
        anything="Any format"
        width={150}
        value={address.get('format')}
        options={valuesOf(data?.formats, address.get('format'))}
        onChange={choose('format')}
      />
      <Choice
        label="Show only slides of one kind"
        hideLabel
        anything="Of any kind"
        width={180}
        value={address.get('only')}
        options={slideKinds}
        onChange={choose('only')}
      />
      <Choice
        label="Order"
        hideLabel
        anything="Newest first"
        width={150}
        value={sortOf(address) === '-added' ? null : (sortOf(address) ?? null)}
        options={sorts}
        onChange={choose('sort')}
      />
      {chosen && (
        <Button
          variant="subtle"
          size="xs"
          onClick={() => onChange(Object.fromEntries(narrowing.map((name) => [name, null])))}
        >
          Show all slides
        </Button>
      )}
    </div>
  );
}

/** What the address asks for stays among them, also where no slide is so any more. */
function valuesOf(values: SlideFilterValues['labels'] = [], asked: string | null) {
  const options = values.map(({ value, slides }) => ({ value, label: `${value} (${count(slides)})` }));
  if (asked && !values.some(({ value }) => value === asked)) options.push({ value: asked, label: asked });
  return options;
}
