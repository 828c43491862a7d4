import type { SlideRun, UnreadablePlace } from '@stroma/core/http/slide-run';
import type { stepsOfRuns } from '@stroma/db/run-steps';
import type { SlideRunRow } from '@stroma/db/slide-runs';

type StepRow = Awaited<ReturnType<typeof stepsOfRuns>>[number];

export function slideRunMessage(row: SlideRunRow, steps: readonly StepRow[]): SlideRun {
  const { result, createdAt, startedAt, endedAt, stage, status, ...rest } = row;
  return {
    ...rest,
    stage: stage as SlideRun['stage'],
    status: status as SlideRun['status'],
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    waitedSeconds: startedAt ? Math.max(0, (startedAt.getTime() - createdAt.getTime()) / 1000) : null,
    steps: steps.filter((step) => step.runId === row.id).map(({ runId: _, ...step }) => step),
    skippedCrops: numberOf(result?.skippedCrops),
    unreadableTiles: numberOf(result?.unreadableTiles),
    unreadablePlaces: (result?.unreadablePlaces as UnreadablePlace[] | undefined) ?? [],
  };
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
