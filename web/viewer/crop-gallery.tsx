import { SegmentedControl } from '@mantine/core';
import { scaleLabel } from '@stroma/core/units';
import { useMemo } from 'react';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { counted } from '../parts/number-label.ts';
import { attentionShelves, type ClassEvidence, evidenceShelves, type Shelf } from './crop-shelves.ts';
import { CropTile } from './crop-tile.tsx';
import type { GalleryOrder } from './gallery-order.ts';
import type { Mark } from './mark-layer.tsx';
import classes from './panel.module.css';
import type { RankedCrop, RankedCrops } from './ranked-crops.ts';
import { searchLike } from './similar-search.ts';
import type { Heat } from './use-heat.ts';

export interface GalleryProps {
  jobId: number | null;
  heat: Pick<Heat, 'encoder' | 'scores' | 'settings'>;
  ranked: RankedCrops | null;
  order: GalleryOrder;
  onOrder: (order: GalleryOrder) => void;
  onPoint: (crop: Mark | null) => void;
  /** A crop is chosen, too. */
  onVisit: (crop: RankedCrop) => void;
}

/** Both ends of the slide's crops: by attention, or by evidence for the class that the heat map shows. */
export function CropGallery({ jobId, heat, ranked, order, onOrder, onPoint, onVisit }: GalleryProps) {
  const { encoder, scores, settings } = heat;
  const { data } = scores;
  const index = settings.evidence;
  const evidence = useMemo(() => {
    const values = index === null ? undefined : data?.evidence[index];
    return values && { values, name: data?.classes?.[index ?? 0] ?? '' };
  }, [data, index]);
  // Kept from frame to frame of a moving slide: 10^5 crops are sorted for it.
  const shelves = useMemo(() => {
    if (!ranked) return [];
    return evidence && order === 'evidence' ? evidenceShelves(ranked, evidence) : attentionShelves(ranked);
  }, [ranked, evidence, order]);
  if (!encoder || jobId === null) {
    return <p className="soft">Crops are ranked by attention once the slide has been graded.</p>;
  }
  return (
    <Answer of={scores} what="crops">
      {({ mpp, sizePx }) => {
        if (!ranked) return <p className="soft">Reading the attention…</p>;
        const told = evidence ? `attention, and evidence for (+) or against (−) ${evidence.name}` : 'attention';
        return (
          <>
            {evidence && <OrderChoice name={evidence.name} order={order} onOrder={onOrder} />}
            <p className={classes.note}>
              {counted(ranked.count, 'crop')} of {sizePx} px at {scaleLabel(mpp)}, graded by {encoderWord[encoder]}.
              Under each: its {told}.
            </p>
            {shelves.map((shelf) => (
              <ShelfView
                key={shelf.testId}
                {...{ shelf, evidence, onPoint, onVisit }}
                onSimilar={(crop) => searchLike({ jobId, encoder }, crop)}
              />
            ))}
          </>
        );
      }}
    </Answer>
  );
}

interface OrderProps extends Pick<GalleryProps, 'order' | 'onOrder'> {
  name: string;
}

function OrderChoice({ name, order, onOrder }: OrderProps) {
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label="Order of the crops"
      value={order}
      data={[
        { value: 'attention', label: 'By attention' },
        { value: 'evidence', label: `By evidence for ${name}` },
      ]}
      onChange={(value) => onOrder(value as GalleryOrder)}
    />
  );
}

interface ShelfProps extends Pick<GalleryProps, 'onPoint' | 'onVisit'> {
  shelf: Shelf;
  evidence: ClassEvidence | undefined;
  onSimilar: (crop: RankedCrop) => void;
}

function ShelfView({ shelf, evidence, onPoint, onVisit, onSimilar }: ShelfProps) {
  if (shelf.crops.length === 0 && shelf.none === null) return null;
  return (
    <>
      <h3>{shelf.title}</h3>
      {shelf.crops.length === 0 && <p className="soft">{shelf.none}</p>}
      <ul className={classes.crops}>
        {shelf.crops.map(({ crop, place, words }) => (
          <CropTile
            key={crop.cropId}
            {...{ crop, place, words, onPoint, onSimilar }}
            evidence={evidence?.values[crop.index] ?? null}
            testId={shelf.testId}
            onGo={onVisit}
          />
        ))}
      </ul>
    </>
  );
}
