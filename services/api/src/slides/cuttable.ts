import { type Problem, StromaError } from '@stroma/core/errors';
import { chooseLevel, maxUpsample } from '@stroma/core/geometry/pyramid';
import { scaleLabel } from '@stroma/core/units';

interface ScaledSlide {
  name: string;
  mpp: number | null;
}

const finest = { level: 0, width: 1, height: 1, downsampleX: 1, downsampleY: 1 };

/** Refuses slides of unknown scale, and those that would have to be enlarged: detail would be invented. */
export function requireCuttable(slides: readonly ScaledSlide[], wanted: number): void {
  const unknown = slides.filter((slide) => slide.mpp === null);
  if (unknown.length > 0) {
    throw new StromaError({
      code: 'slide.no-mpp',
      message: `The scale of ${countLabel(unknown.length)} is not known, so no crops can be cut.`,
      expected: 'a known mpp (µm/px) for every slide',
      where: namesLabel(unknown),
      remedy: 'Set the mpp of these slides; the scanner’s manual or the slide’s label names it.',
    });
  }
  // Level 0 decides alone: no other level is finer.
  const coarse = slides.filter(({ mpp }) => {
    return mpp !== null && !chooseLevel([finest], { x: mpp, y: mpp }, wanted);
  });
  if (coarse.length === 0) return;
  throw new StromaError({
    code: 'slide.too-coarse',
    message: `${countLabel(coarse.length)} would have to be enlarged by more than ${Math.round((maxUpsample - 1) * 100)} %.`,
    expected: `slides of at most ${scaleLabel(wanted * maxUpsample)}`,
    found: `up to ${scaleLabel(Math.max(...coarse.map((slide) => slide.mpp ?? 0)))}`,
    where: namesLabel(coarse),
    remedy: 'Choose a larger mpp, or leave these slides out.',
  } satisfies Problem);
}

function countLabel(count: number): string {
  return count === 1 ? '1 slide' : `${count} slides`;
}

function namesLabel(slides: readonly ScaledSlide[]): string {
  const shown = slides.slice(0, 10).map((slide) => slide.name);
  return shown.join(', ') + (slides.length > shown.length ? ` and ${slides.length - shown.length} more` : '');
}
