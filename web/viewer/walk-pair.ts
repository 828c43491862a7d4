import { useSyncExternalStore } from 'react';

/** A crop chosen as an end of a walk; it may lie on another slide than the one on screen. */
export interface WalkCrop {
  cropId: string;
  slideId: string;
  slideName: string;
  x0: number;
  y0: number;
  size0X: number;
  size0Y: number;
}

export interface WalkPair {
  primary: WalkCrop | null;
  secondary: WalkCrop | null;
}

const key = 'stroma.walk';
const nobody: WalkPair = { primary: null, secondary: null };
let pair: WalkPair | null = null;
const listeners = new Set<() => void>();

/** Kept for the browser tab, so that the second crop can be chosen on another slide. */
export function useWalkPair(): WalkPair {
  return useSyncExternalStore(subscribe, read, () => nobody);
}

export function chooseForWalk(end: keyof WalkPair, crop: WalkCrop | null) {
  pair = { ...read(), [end]: crop };
  sessionStorage.setItem(key, JSON.stringify(pair));
  for (const listener of listeners) listener();
}

function read(): WalkPair {
  if (pair) return pair;
  try {
    pair = { ...nobody, ...(JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<WalkPair>) };
  } catch {
    pair = nobody;
  }
  return pair;
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
