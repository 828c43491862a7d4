import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '@stroma/db/client';
import { dropUploadLock, keepUploadLock, takeUploadLock } from '@stroma/db/upload-locks';

export interface LockTimes {
  /** A lock whose holder is not heard of for this long is free: what a resume after a crash has to wait. */
  heldS: number;
  /** How long to wait for another request to let go before answering 423. */
  patienceMs: number;
}

export const lockTimes: LockTimes = { heldS: 6, patienceMs: 9_000 };
const renewMs = 1_000;
const retryMs = 150;
const locked = { status_code: 423, body: 'another request is writing to this upload' };

/** Locks of the tus server, shared by every api process on the same database. */
export function postgresLocker(db: Database, times: LockTimes = lockTimes) {
  return { newLock: (id: string) => newLock(db, id, times) };
}

function newLock(db: Database, id: string, { heldS, patienceMs }: LockTimes) {
  const holder = randomUUID();
  let renewal: NodeJS.Timeout | undefined;
  return {
    /** letGo is called when another request wants the lock; the holder then ends within lockDrainTimeout. */
    async lock(stop: AbortSignal, letGo: () => void | Promise<void>): Promise<void> {
      const deadline = Date.now() + patienceMs;
      while (!(await takeUploadLock(db, id, holder, heldS))) {
        if (stop.aborted || Date.now() > deadline) throw locked;
        await wait(retryMs);
      }
      renewal = setInterval(async () => {
        const state = await keepUploadLock(db, id, holder, heldS).catch(() => 'held' as const);
        if (state !== 'held') await letGo();
      }, renewMs);
    },
    async unlock(): Promise<void> {
      clearInterval(renewal);
      await dropUploadLock(db, id, holder);
    },
  };
}
