import { chooseForWalk, useWalkPair, type WalkCrop } from './walk-pair.ts';

/** Makes a crop an end of the walk. */
export function WalkButtons({ crop }: { crop: WalkCrop }) {
  const pair = useWalkPair();
  const { cropId, slideId, slideName, x0, y0, size0X, size0Y } = crop;
  return (['primary', 'secondary'] as const).map((end) => (
    <button
      key={end}
      type="button"
      className="link"
      aria-pressed={pair[end]?.cropId === cropId}
      onClick={() => chooseForWalk(end, { cropId, slideId, slideName, x0, y0, size0X, size0Y })}
      data-testid={`walk-as-${end}`}
    >
      walk: {end}
    </button>
  ));
}
