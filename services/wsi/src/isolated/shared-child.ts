import { usualLimits } from './limits.ts';
import { ReaderChild } from './reader-child.ts';

/** Kept so long after the last slide was closed: the next one is often opened soon. */
const idleMs = 30_000;

let shared: ReaderChild | undefined;
let slides = 0;
let ending: NodeJS.Timeout | undefined;

/** The child that reads this process's slides, started when there is none; every taking is left again. */
export function sharedChild(): ReaderChild {
  clearTimeout(ending);
  if (!shared || shared.isLost) {
    shared = new ReaderChild(usualLimits);
    slides = 0;
  }
  slides += 1;
  return shared;
}

export function leaveSharedChild(child: ReaderChild): void {
  if (child !== shared) return;
  slides -= 1;
  if (slides > 0) return;
  ending = setTimeout(() => child.end(), idleMs);
  ending.unref();
}
