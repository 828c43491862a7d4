'use client';
import { Button } from '@mantine/core';
import { MppField } from './mpp-field.tsx';
import classes from './scale.module.css';
import { ScaleConsequences } from './scale-consequences.tsx';
import { useChooseScale } from './use-choose-scale.ts';

/** The scale of all chosen slides at once. */
export function BulkScale({ slideIds, onChosen }: { slideIds: string[]; onChosen: () => void }) {
  const choosing = useChooseScale(slideIds, onChosen);
  return (
    <div className={classes.scale}>
      <div className={classes.bulk}>
        <span>Scale:</span>
        <Button
          size="xs"
          variant="default"
          loading={choosing.ask.busy}
          onClick={() => void choosing.ask.run({ use: 'declared' })}
        >
          as the header declares
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={choosing.ask.busy}
          onClick={() => void choosing.ask.run({ use: 'derived' })}
        >
          as the tags say
        </Button>
        <MppField
          label="µm/px at level 0 of the chosen slides"
          busy={choosing.ask.busy}
          onSet={(mpp) => void choosing.ask.run({ use: 'user', mpp })}
        />
      </div>
      <ScaleConsequences of={choosing} />
    </div>
  );
}
