'use client';
import { Button, NumberInput } from '@mantine/core';
import type { SlideDetail, SlideMessage } from '@stroma/core/http/slide';
import { magnificationLabel } from '@stroma/core/units';
import { type FormEvent, useCallback, useState } from 'react';
import { useSWRConfig } from 'swr';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { ProblemView } from '../parts/problem-view.tsx';

/** Sets µm/px at level 0 by hand; everything that shows a scale asks again. */
export function MppForm({ slide }: { slide: Pick<SlideMessage, 'id' | 'name' | 'mpp'> }) {
  const [mpp, setMpp] = useState<number | string>(slide.mpp ?? '');
  const { mutate } = useSWRConfig();
  const save = useAction(
    useCallback(
      async (value: number) => {
        await send<SlideDetail>('PATCH', `/api/slides/${slide.id}`, { mpp: value });
        await mutate((key) => typeof key === 'string' && key.startsWith('/api/slides'));
      },
      [slide.id, mutate],
    ),
  );
  const value = typeof mpp === 'number' && mpp >= 0.01 && mpp <= 100 ? mpp : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value !== null) void save.run(value);
  };
  return (
    <form onSubmit={submit}>
      <div style={{ display: 'flex', gap: 6, alignItems: 'center' }}>
        <NumberInput
          aria-label={`µm/px at level 0 of ${slide.name}`}
          placeholder="µm/px, e.g. 0.5"
          value={mpp}
          onChange={setMpp}
          min={0.01}
          max={100}
          step={0.05}
          decimalScale={4}
          hideControls
          w={128}
          suffix=" µm/px"
        />
        <Button type="submit" variant="default" disabled={value === null || value === slide.mpp} loading={save.busy}>
          Set mpp
        </Button>
        {value !== null && <span className="soft">= {magnificationLabel(value)}</span>}
      </div>
      {save.problem && <ProblemView compact problem={save.problem} />}
    </form>
  );
}
