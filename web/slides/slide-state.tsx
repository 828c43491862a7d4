import type { SlideMessage } from '@stroma/core/http/slide';
import { State } from '../parts/state.tsx';

export function SlideState({ slide }: { slide: SlideMessage }) {
  return slide.mpp === null ? <State name="attention" /> : <State name="ready" />;
}
