import type { WalkProposal } from '@stroma/core/http/interpolation';

const key = 'stroma.walk.proposal';

/** Kept for the browser tab, so that the page of the walk can tell why these two crops. */
export function keepProposal(proposal: WalkProposal) {
  sessionStorage.setItem(key, JSON.stringify(proposal));
}

/** What was proposed, if it was this pair. */
export function readProposal(primaryCropId: string, secondaryCropId: string): WalkProposal | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as WalkProposal | null;
    return kept?.primary.cropId === primaryCropId && kept.secondary.cropId === secondaryCropId ? kept : null;
  } catch {
    return null;
  }
}
