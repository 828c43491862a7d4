'use client';
import { Button, NumberInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { CropSetRequest } from '@stroma/core/http/slide';
import { magnificationLabel, scaleLabel } from '@stroma/core/units';
import { useCallback, useState } from 'react';
import { useSWRConfig } from 'swr';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';

/** Asks for crops of some slides at a stated mpp; the cutting goes on by itself. */
export function CutCrops({ slideIds, onAsked }: { slideIds: string[]; onAsked?: () => void }) {
  const [mpp, setMpp] = useState<number | string>(0.5);
  const { mutate } = useSWRConfig();
  const cut = useAction(
    useCallback(
      async (request: CropSetRequest) => {
        await send('POST', '/api/crop-sets', request);
        notifications.show({
          message: `Crops at ${scaleLabel(request.mpp[0] ?? 0)} are queued for ${counted(request.slideIds.length, 'slide')}.`,
        });
        onAsked?.();
        await mutate((key) => typeof key === 'string' && key.startsWith('/api/slides'));
      },
      [mutate, onAsked],
    ),
  );
  const value = typeof mpp === 'number' && mpp >= 0.05 && mpp <= 50 ? mpp : null;
  return (
    <div>
      <div style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
        <NumberInput
          aria-label="µm/px of the crops"
          value={mpp}
          onChange={setMpp}
          min={0.05}
          max={50}
          step={0.25}
          decimalScale={3}
          w={150}
          suffix=" µm/px"
          rightSection={<span className="soft">{value === null ? '' : magnificationLabel(value)}</span>}
          rightSectionWidth={48}
        />
        <Button
          variant="default"
          disabled={value === null}
          loading={cut.busy}
          onClick={() => value !== null && void cut.run({ slideIds, mpp: [value] })}
        >
          Cut crops of 256 px
        </Button>
      </div>
      {cut.problem && <ProblemView compact problem={cut.problem} />}
    </div>
  );
}
