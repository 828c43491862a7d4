import type { Problem } from '@stroma/core/errors';
import type { Database } from '@stroma/db/client';
import type { Lease } from '@stroma/db/runs';
import { findSlideBySha256, registerSlide } from '@stroma/db/slides';
import type { Finding } from '@stroma/db/upload-findings';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { FoundSlide } from './found.ts';
import { slideSha256 } from './identity.ts';
import { keepSlide } from './keep-slide.ts';
import { openParts } from './open-parts.ts';

export interface Registration {
  db: Database;
  store: ObjectStore;
  lease: Lease;
  /** Of the run's first attempt: what is older was there before. */
  startedAt: Date;
  workFolder: string;
  signal: AbortSignal;
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export type Registered = { slideId: string; isDuplicate: boolean } | { problem: Problem };

/** Opens what was found and makes a slide of it; content that is a slide already is not opened again. */
export async function registerFound(
  registration: Registration,
  slide: FoundSlide,
  replaces?: string,
): Promise<Registered> {
  const { db, store, lease, startedAt, workFolder, signal, step } = registration;
  const sha256 = slideSha256(slide.parts);
  const known = await findSlideBySha256(db, sha256);
  const reading = known ? undefined : await step('open', () => openParts(slide, workFolder));
  signal.throwIfAborted();
  if (reading && 'problem' in reading) return reading;
  const newSlide = async () => {
    // Known a moment ago and dropped since.
    if (!reading) throw new Error('the slide was dropped while its files were hashed');
    return await keepSlide(store, slide, reading, { sha256, workFolder });
  };
  const { slideId, knownSince } = await step('register', () =>
    registerSlide(db, lease, { sha256, newSlide, replaces }),
  );
  return { slideId, isDuplicate: knownSince !== null && knownSince < startedAt };
}

/** What the sender is told of it. */
export function findingOf(name: string, sources: readonly { path: string; bytes: number }[], registered: Registered) {
  const files = sources.map((source) => source.path);
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  const finding: Finding =
    'problem' in registered
      ? { kind: 'refused', name, files, bytes, problem: registered.problem }
      : { kind: 'slide', name, files, bytes, ...registered };
  return finding;
}
