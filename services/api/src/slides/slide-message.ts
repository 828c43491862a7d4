import { StromaError } from '@stroma/core/errors';
import type { SlideMessage } from '@stroma/core/http/slide';
import type { SlideSort } from '@stroma/core/slide-sorts';
import { spacingOf } from '@stroma/core/units';
import type { SlideRow } from '@stroma/db/slide-list';
import type { SlideCursor } from '@stroma/db/slide-page';
import { gradingMessage } from './grading-message.ts';
import { newestGradeMessage } from './newest-grade-message.ts';
import { scaleMessage } from './scale-message.ts';

export function slideMessage(row: SlideRow): SlideMessage {
  const { objectKey: _, thumbnailKey: __, createdAt, mppSource, mppX, mppY, ...rest } = row;
  return {
    ...rest,
    mpp: spacingOf(mppX, mppY),
    mppSource: mppSource as SlideMessage['mppSource'],
    scale: scaleMessage(row),
    gradings: row.gradings.map(gradingMessage),
    grade: row.grade && newestGradeMessage(row.grade),
    createdAt: createdAt.toISOString(),
  };
}

export function writeCursor({ sort, key, id }: SlideCursor): string {
  return Buffer.from(JSON.stringify([sort, id, key])).toString('base64url');
}

/** A cursor goes on in the order that it was made in. */
export function readCursor(text: string, sort: SlideSort = '-added'): SlideCursor {
  const { made, id, key } = cursorParts(text);
  const isTime = /^[\d :.+-]{10,40}$/.test(key);
  if (made === sort && /^[\da-f-]{36}$/.test(id) && (isTime || !sort.endsWith('added'))) return { sort, key, id };
  throw new StromaError(
    {
      code: 'slides.cursor',
      message: 'The list cannot go on from this cursor.',
      expected: `the \`next\` of an earlier answer in the order ${sort}`,
      found: text,
      where: 'querystring.cursor',
      remedy: 'Start again without a cursor.',
    },
    400,
  );
}

function cursorParts(text: string): { made: string; id: string; key: string } {
  try {
    const [made, id, key] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    return { made: String(made), id: String(id), key: String(key) };
  } catch {
    return { made: '', id: '', key: '' };
  }
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
