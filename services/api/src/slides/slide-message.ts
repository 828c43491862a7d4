import { StromaError } from '@stroma/core/errors';
import type { SlideMessage } from '@stroma/core/http/slide';
import { spacingOf } from '@stroma/core/units';
import type { SlideCursor, SlideRow } from '@stroma/db/slide-list';
import { gradingMessage } from './grading-message.ts';
import { scaleMessage } from './scale-message.ts';

export function slideMessage(row: SlideRow): SlideMessage {
  const { objectKey: _, thumbnailKey: __, createdAt, mppSource, mppX, mppY, ...rest } = row;
  return {
    ...rest,
    mpp: spacingOf(mppX, mppY),
    mppSource: mppSource as SlideMessage['mppSource'],
    scale: scaleMessage(row),
    gradings: row.gradings.map(gradingMessage),
    createdAt: createdAt.toISOString(),
  };
}

export function writeCursor({ createdAt, id }: SlideCursor): string {
  return Buffer.from(`${createdAt}|${id}`).toString('base64url');
}

export function readCursor(text: string): SlideCursor {
  const [createdAt, id] = Buffer.from(text, 'base64url').toString().split('|');
  if (createdAt && /^[\d :.+-]{10,40}$/.test(createdAt) && id && /^[\da-f-]{36}$/.test(id)) return { createdAt, id };
  throw new StromaError(
    {
      code: 'slides.cursor',
      message: 'The list cannot go on from this cursor.',
      expected: 'the `next` of an earlier answer',
      found: text,
      where: 'querystring.cursor',
      remedy: 'Start again without a cursor.',
    },
    400,
  );
}

export function notStated(id: string, statement: string): StromaError {
  return new StromaError({
    code: 'slide.scale-not-stated',
    message: `The slide’s file has no ${statement} scale that could be chosen.`,
    expected: `a slide with a ${statement} scale`,
    where: `slide ${id}`,
    remedy: 'Enter µm/px by hand.',
  });
}

export function noSlide(id: string): StromaError {
  return new StromaError(
    {
      code: 'slide.unknown',
      message: 'There is no such slide.',
      found: id,
      remedy: 'Look for it in the list of slides.',
    },
    404,
  );
}
