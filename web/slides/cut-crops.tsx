'use client';
import { Button } from '@mantine/core';
import type { CropSetRequest } from '@stroma/core/http/slide';
import { useCallback, useState } from 'react';
import { useSWRConfig } from 'swr';
import { type CropDraft, CropFields, cropsOf, firstDraft } from '../crops/crop-fields.tsx';
import { cropsLabel } from '../crops/crop-words.ts';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';

/** Asks for crops of some slides; the cutting goes on by itself. */
export function CutCrops({ slideIds, onAsked }: { slideIds: string[]; onAsked?: () => void }) {
  const [draft, setDraft] = useState<CropDraft>(firstDraft);
  const [answer, setAnswer] = useState('');
  const { mutate } = useSWRConfig();
  const crops = cropsOf(draft);
  const cut = useAction(
    useCallback(
      async (asked: NonNullable<typeof crops>) => {
        const { mpp, ...grid } = asked;
        await send('POST', '/api/crop-sets', { slideIds, mpp: [mpp], ...grid } satisfies CropSetRequest);
        setAnswer(`Crops at ${cropsLabel(asked)} are queued for ${counted(slideIds.length, 'slide')}.`);
        onAsked?.();
        await mutate((key) => typeof key === 'string' && key.startsWith('/api/slides'));
      },
      [mutate, onAsked, slideIds],
    ),
  );
  return (
    <div>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, alignItems: 'end' }}>
        <CropFields draft={draft} onChange={setDraft} />
        <Button
          variant="default"
          disabled={crops === null}
          loading={cut.busy}
          onClick={() => crops && void cut.run(crops)}
        >
          Cut crops
        </Button>
      </div>
      <p className="soft" role="status" style={{ margin: '6px 0 0' }}>
        {answer}
      </p>
      {cut.problem && <ProblemView compact problem={cut.problem} />}
    </div>
  );
}
