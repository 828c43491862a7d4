import type { MetricSeries } from '@stroma/core/http/job';
import { type Quantity } from './quantity.ts';
export type Series = MetricSeries['series'][number];
/** A level to compare with, drawn dashed. */
export interface Level {
    label: string;
    value: number;
}
export interface Chart {
    key: string;
    quantity: Quantity;
    series: Series[];
    level: Level | null;
}
/** By phase, one chart for its losses and one for every other quantity; losses first, schedules last. */
export declare function chartsOf(series: readonly Series[], lnKOfCard: number | null): {
    phase: string;
    charts: Chart[];
}[];
