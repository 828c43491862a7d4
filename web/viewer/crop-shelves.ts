import { evidenceEnds } from './evidence-crops.ts';
import { endsOf, type RankedCrop, type RankedCrops } from './ranked-crops.ts';

const shown = { most: 12, least: 6, evidence: 9 };

/** One list of the gallery. */
export interface Shelf {
  title: string;
  testId: string;
  /** Said in place of its crops; null: it is left out without any. */
  none: string | null;
  crops: { crop: RankedCrop /** Counted from 1. */; place: number /** Reads out the place. */; words: string }[];
}

/** Evidence for a class, crop by crop in the order of the scores. */
export interface ClassEvidence {
  name: string;
  values: Float32Array;
}

export function attentionShelves(ranked: RankedCrops): Shelf[] {
  const [most, least] = endsOf(ranked, shown.most, shown.least);
  const shelf = (title: string, testId: string, crops: RankedCrop[]): Shelf => ({
    title,
    testId,
    none: null,
    crops: crops.map((crop) => ({ crop, place: crop.rank, words: `the crop of rank ${crop.rank} of ${ranked.count}` })),
  });
  return [shelf('Most attended', 'most-attended', most), shelf('Least attended', 'least-attended', least)];
}

export function evidenceShelves(ranked: RankedCrops, { name, values }: ClassEvidence): Shelf[] {
  const [mostFor, mostAgainst] = evidenceEnds(ranked, values, shown.evidence);
  const shelf = (side: 'for' | 'against', crops: RankedCrop[]): Shelf => ({
    title: `Most ${side} ${name}`,
    testId: `most-${side}`,
    none: `No crop speaks ${side} ${name}.`,
    crops: crops.map((crop, i) => ({
      crop,
      place: i + 1,
      words: `crop ${i + 1} of those that speak most ${side} ${name}`,
    })),
  });
  return [shelf('for', mostFor), shelf('against', mostAgainst)];
}
