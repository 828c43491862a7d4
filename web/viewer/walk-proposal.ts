import type { WalkProposal } from '@stroma/core/http/interpolation';
import { useEffect, useState } from 'react';
import { send } from '../data/fetch-json.ts';
import type { Towards } from './walk-address.ts';

const key = 'stroma.walk.proposal';

export const askProposal = ({ predictionId, grade }: Towards) =>
  send<WalkProposal>('POST', `/api/predictions/${predictionId}/walks`, { grade });

/** Kept for the browser tab, so that the page of the walk can tell at once why these two crops. */
export function keepProposal(proposal: WalkProposal) {
  sessionStorage.setItem(key, JSON.stringify(proposal));
}

interface Pair {
  primary: string | null;
  secondary: string | null;
}

/**
 * Why these two crops: as it was told in this browser tab, else asked for again, which an address that was sent on
 * needs. Null when today two others would be proposed.
 */
export function useProposal(towards: Towards | null, { primary, secondary }: Pair): WalkProposal | null {
  const [proposal, setProposal] = useState<WalkProposal | null>(null);
  const asked = towards && `${towards.predictionId},${towards.grade}`;
  useEffect(() => {
    const isThis = (one: WalkProposal | null) =>
      one?.primary.cropId === primary && one?.secondary.cropId === secondary ? one : null;
    const kept = isThis(readKept());
    setProposal(kept);
    if (kept || !asked) return;
    let gone = false;
    const [predictionId = 0, grade = 0] = asked.split(',').map(Number);
    // The walk itself says what is wrong with the job; without the reason of the pair it can still be seen.
    askProposal({ predictionId, grade }).then(
      (again) => !gone && setProposal(isThis(again)),
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [asked, primary, secondary]);
  return proposal;
}

function readKept(): WalkProposal | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as WalkProposal | null;
  } catch {
    return null;
  }
}
