'use client';
import { Button } from '@mantine/core';
import { counted } from '../parts/number-label.ts';
import { BulkScale } from './bulk-scale.tsx';
import { CutCrops } from './cut-crops.tsx';
import classes from './slides.module.css';

/** What can be done with the chosen slides. */
export function CropBar({ slideIds, onClear }: { slideIds: string[]; onClear: () => void }) {
  return (
    <section className={classes.cropBar} aria-label="Chosen slides">
      <strong>{counted(slideIds.length, 'slide')} chosen</strong>
      <CutCrops slideIds={slideIds} onAsked={onClear} />
      <BulkScale slideIds={slideIds} onChosen={onClear} />
      <Button variant="subtle" color="gray" onClick={onClear}>
        Clear the choice
      </Button>
    </section>
  );
}
