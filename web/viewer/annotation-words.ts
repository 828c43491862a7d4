import { areaMm2, areaPx, pointsOf } from '@stroma/core/annotation/measure';
import type { AnnotationMessage } from '@stroma/core/http/annotation';
import type { PixelSpacing } from '@stroma/core/units';
import { counted, figure } from '../parts/number-label.ts';

const kindWord = { point: 'Point', rectangle: 'Rectangle', polygon: 'Polygon' } as const;

type Named = Pick<AnnotationMessage, 'name' | 'classification' | 'kind'>;
export const nameOf = ({ name, classification, kind }: Named) => name ?? classification?.name ?? kindWord[kind];

/** Its area in mm², or in µm² where that is small; in px where the slide's scale is not known. */
export function sizeWord({ geometry, kind }: AnnotationMessage, mpp: PixelSpacing | null): string {
  if (kind === 'point') return counted(pointsOf(geometry).length, 'point');
  if (mpp === null) return `${figure(areaPx(geometry))} px²`;
  const mm2 = areaMm2(geometry, mpp);
  return mm2 < 0.001 ? `${figure(mm2 * 1e6)} µm²` : `${figure(mm2)} mm²`;
}

/** Enclosed by all of them, each counted by itself where they overlap. */
export function totalWord(annotations: readonly AnnotationMessage[], mpp: PixelSpacing | null): string {
  const counts = (['rectangle', 'polygon', 'point'] as const).flatMap((kind) => {
    const many = annotations.filter((one) => one.kind === kind).length;
    return many > 0 ? [counted(many, kind)] : [];
  });
  const area = mpp && annotations.reduce((sum, { geometry }) => sum + areaMm2(geometry, mpp), 0);
  return [counts.join(', '), ...(area ? [`${figure(area)} mm² together`] : [])].join(' · ');
}
