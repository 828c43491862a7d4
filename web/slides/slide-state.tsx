import type { SlideMessage } from '@stroma/core/http/slide';
import { State } from '../parts/state.tsx';

export function SlideState({ slide }: { slide: SlideMessage }) {
  return slide.mpp !== null ? (
    <State name="ready" />
  ) : (
    <State name="attention" text={slide.scale.state === 'conflict' ? 'mpp in conflict' : 'needs mpp'} />
  );
}
