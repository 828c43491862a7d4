import { type Problem, StromaError } from '@stroma/core/errors';
import { chooseLevel, maxUpsample } from '@stroma/core/geometry/pyramid';
import { scaleLabel, spacingOf } from '@stroma/core/units';

interface ScaledSlide {
  name: string;
  mppX: number | null;
  mppY: number | null;
  scaleState: string;
}

const finest = { level: 0, width: 1, height: 1, downsampleX: 1, downsampleY: 1 };

/** Refuses slides of unsettled scale, and those that would have to be enlarged: detail would be invented. */
export function requireCuttable(slides: readonly ScaledSlide[], wanted: number): void {
  const unknown = slides.filter((slide) => slide.mppX === null);
  if (unknown.length > 0) {
    const contradicted = unknown.filter((slide) => slide.scaleState === 'conflict').length;
    throw new StromaError({
      code: 'slide.no-mpp',
      message: `The scale of ${countLabel(unknown.length)} is not settled, so no crops can be cut.`,
      expected: 'a known mpp (µm/px) for every slide',
      found: `${unknown.length - contradicted} without one, ${contradicted} whose file contradicts itself`,
      where: namesLabel(unknown),
      remedy: 'Choose or enter the mpp of these slides; the scanner’s manual or the slide’s label names it.',
    });
  }
  // Level 0 decides alone: no other level is finer.
  const coarse = slides.filter(({ mppX, mppY }) => {
    const spacing = spacingOf(mppX, mppY);
    return spacing !== null && !chooseLevel([finest], spacing, wanted);
  });
  if (coarse.length === 0) return;
  throw new StromaError({
    code: 'slide.too-coarse',
    message: `${countLabel(coarse.length)} would have to be enlarged by more than ${Math.round((maxUpsample - 1) * 100)} %.`,
    expected: `slides of at most ${scaleLabel(wanted * maxUpsample)}`,
    found: `up to ${scaleLabel(Math.max(...coarse.map(({ mppX, mppY }) => Math.max(mppX ?? 0, mppY ?? 0))))}`,
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
