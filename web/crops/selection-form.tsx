'use client';
import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { type CropGrid, defaultGrid } from '@stroma/core/crop-grid';
import { boundsOf, cropNumbers, defaultSelection, selectionText } from '@stroma/core/crop-numbers';
import type { CohortDetail, CropCounts, CropHistograms } from '@stroma/core/http/cohort';
import { numberWord } from '@stroma/core/selection-label';
import { useCallback, useState } from 'react';
import { useSWRConfig } from 'swr';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { type JsonAnswer, useJson } from '../data/use-json.ts';
import { Choice } from '../parts/choice.tsx';
import { NumberField } from '../parts/number-field.tsx';
import { count, counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { cropsLabel, numberMeaning } from './crop-words.ts';
import classes from './crops.module.css';
import { Histogram } from './histogram.tsx';
import { useCropCounts } from './use-crop-counts.ts';

type Grid = CropGrid & { mpp: number };
const gridKey = ({ mpp, sizePx, stridePx }: Grid) => `${mpp}/${sizePx}/${stridePx}`;

/** Which of a cohort's cut crops are used; changed by a query, without cutting again. */
export function SelectionForm({ cohort }: { cohort: CohortDetail }) {
  const [selection, setSelection] = useState(cohort.cropSelection);
  const [key, setKey] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const usual = cohort.crops.find((one) => one.sizePx === defaultGrid.sizePx && one.stridePx === one.sizePx);
  const grid = cohort.crops.find((one) => gridKey(one) === key) ?? usual ?? cohort.crops[0];
  const [steady] = useDebouncedValue(selection, 250);
  const counts = useCropCounts(cohort.id, grid, steady);
  const histograms = useJson<CropHistograms>(
    grid
      ? `/api/cohorts/${cohort.id}/crop-histograms?mpp=${grid.mpp}&sizePx=${grid.sizePx}&stridePx=${grid.stridePx}`
      : null,
    { revalidateOnFocus: false },
  );
  const { mutate } = useSWRConfig();
  const save = useAction(
    useCallback(
      async (cropSelection: CropSelection) => {
        await send('PATCH', `/api/cohorts/${cohort.id}`, { cropSelection });
        await mutate(`/api/cohorts/${cohort.id}`);
        setSaved(true);
      },
      [cohort.id, mutate],
    ),
  );
  const changed = selectionText(selection) !== selectionText(cohort.cropSelection);
  const bound = (name: keyof CropSelection) => (value: number | null) =>
    setSelection(({ [name]: _, ...others }) => (value === null ? others : { ...others, [name]: value }));

  if (!grid) {
    return <span className="soft">None cut yet; a training job cuts them first, and uses those with half tissue.</span>;
  }
  return (
    <div className={classes.selection} data-testid="crop-selection">
      <div className={classes.selectionHead}>
        <Choice
          label="Crops"
          hideLabel
          options={cohort.crops.map((one) => ({ value: gridKey(one), label: cropsLabel(one) }))}
          value={gridKey(grid)}
          onChange={setKey}
          width={270}
        />
        <CountWords counts={counts} cohort={cohort} />
      </div>
      <div className={classes.numbers}>
        {cropNumbers.map((number) => {
          const { least, most }: { least?: keyof CropSelection; most?: keyof CropSelection } = boundsOf[number];
          const of = histograms.data?.histograms.find((one) => one.number === number);
          return (
            <section key={number} className={classes.number} aria-label={numberWord[number]}>
              <h3 title={numberMeaning[number]}>{numberWord[number]}</h3>
              {of && <Histogram of={of} least={least && selection[least]} most={most && selection[most]} />}
              <div className={classes.bounds}>
                {[least, most].map(
                  (name) =>
                    name && (
                      <NumberField
                        key={name}
                        aria-label={`${numberWord[number]} ${name === least ? 'at least' : 'at most'}`}
                        placeholder={name === least ? 'at least' : 'at most'}
                        leftSection={name === least ? '≥' : '≤'}
                        value={selection[name] ?? null}
                        onChange={bound(name)}
                        min={0}
                        max={of?.upTo ?? 1}
                        step={0.05}
                        decimals={3}
                        data-testid={name}
                      />
                    ),
                )}
              </div>
            </section>
          );
        })}
      </div>
      <div className={classes.selectionFoot}>
        <Button
          disabled={!changed}
          loading={save.busy}
          onClick={() => void save.run(selection)}
          data-testid="save-selection"
        >
          Save selection
        </Button>
        <Button variant="default" onClick={() => setSelection(defaultSelection)}>
          Half tissue, nothing else
        </Button>
        <span className="soft" role="status">
          {changed && 'Not saved yet.'}
          {!changed && saved && 'Selection saved. Jobs that have begun keep theirs.'}
        </span>
      </div>
      {save.problem && <ProblemView compact problem={save.problem} />}
    </div>
  );
}

function CountWords({ counts, cohort }: { counts: JsonAnswer<CropCounts>; cohort: CohortDetail }) {
  if (counts.error) return <ProblemView compact problem={counts.error.problem} onRetry={() => void counts.mutate()} />;
  if (!counts.data) return <span className="soft">Counting…</span>;
  const { cut, kept, slides } = counts.data;
  const names = new Map(cohort.slides.map((slide) => [slide.slideId, slide.name]));
  const without = slides.filter((slide) => slide.kept === 0);
  return (
    <span role="status" data-testid="crop-counts">
      Keeps <strong>{count(kept)}</strong> of {counted(cut, 'crop')} from {counted(slides.length, 'slide')}.
      {without.length > 0 && (
        <span className="soft">
          {' '}
          {counted(without.length, 'slide')} without a crop:{' '}
          {without
            .slice(0, 3)
            .map((slide) => `${names.get(slide.slideId)} (${slide.cut === 0 ? 'no tissue' : 'none kept'})`)
            .join(', ')}
          {without.length > 3 && ' …'}
        </span>
      )}
    </span>
  );
}
