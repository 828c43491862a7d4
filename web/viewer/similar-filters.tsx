import { Checkbox } from '@mantine/core';
import { Choice } from '../parts/choice.tsx';
import classes from './similar.module.css';
import { type SimilarSearch, searchSimilar, type Where } from './similar-search.ts';

interface Props {
  search: SimilarSearch;
  /** Of the cohort; those that are ticked until it is known. */
  labels: readonly string[];
  sites: readonly string[];
}

const places: { value: Where; label: string }[] = [
  { value: 'anywhere', label: 'anywhere in the cohort' },
  { value: 'other-slides', label: 'on other slides' },
  { value: 'other-patients', label: 'of other patients' },
  { value: 'same-slide', label: 'on the same slide' },
];

/** Which crops are compared: by slide, label and site. */
export function SimilarFilters({ search, labels, sites }: Props) {
  const change = (values: Partial<SimilarSearch>) => searchSimilar({ ...search, ...values });
  return (
    <div className={classes.filters}>
      <Choice
        label="Where"
        options={places}
        value={search.where}
        onChange={(where) => where && change({ where: where as Where })}
        testId="similar-where"
      />
      <Ticks
        legend="Label (none: every one)"
        names={labels}
        ticked={search.labels}
        onTick={(labels) => change({ labels })}
        none={{ label: 'no label', ticked: search.unlabelled, onTick: (unlabelled) => change({ unlabelled }) }}
      />
      {sites.length > 0 && (
        <Ticks
          legend="Site (none: every one)"
          names={sites}
          ticked={search.sites}
          onTick={(sites) => change({ sites })}
          none={{
            label: 'site not named',
            ticked: search.unnamedSite,
            onTick: (unnamedSite) => change({ unnamedSite }),
          }}
        />
      )}
    </div>
  );
}

interface TicksProps {
  legend: string;
  names: readonly string[];
  ticked: readonly string[];
  onTick: (names: string[]) => void;
  /** Slides of which nothing is said. */
  none: { label: string; ticked: boolean; onTick: (ticked: boolean) => void };
}

function Ticks({ legend, names, ticked, onTick, none }: TicksProps) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {names.map((name) => (
        <Checkbox
          key={name}
          label={name}
          checked={ticked.includes(name)}
          onChange={() => onTick(ticked.includes(name) ? ticked.filter((one) => one !== name) : [...ticked, name])}
        />
      ))}
      <Checkbox label={none.label} checked={none.ticked} onChange={() => none.onTick(!none.ticked)} />
    </fieldset>
  );
}
