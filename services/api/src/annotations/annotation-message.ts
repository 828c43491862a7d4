import { type Problem, StromaError } from '@stroma/core/errors';
import type { AnnotationMessage } from '@stroma/core/http/annotation';
import type { UserRow } from '@stroma/db/accounts';
import type { AnnotationRow } from '@stroma/db/annotations';

export function annotationMessage(row: AnnotationRow, user: UserRow): AnnotationMessage {
  const { ix: _, createdBy, deletedAt: __, createdAt, updatedAt, ...rest } = row;
  return {
    ...rest,
    mayChange: mayChange({ createdBy }, user),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export const mayChange = ({ createdBy }: { createdBy: string | null }, user: UserRow) =>
  createdBy === user.id || user.role === 'admin';

export function noAnnotation(id: string): StromaError {
  return new StromaError(
    {
      code: 'annotation.unknown',
      message: 'There is no such annotation on this slide.',
      found: id,
      remedy: 'Load the annotations again; somebody may have deleted it.',
    },
    404,
  );
}

export function notTheirs(row: AnnotationRow): StromaError {
  return new StromaError(
    {
      code: 'annotation.author',
      message: 'Only its author or an admin may change or delete an annotation.',
      expected: row.author ?? 'an admin',
      found: 'somebody else',
      where: `annotation ${row.id}`,
      remedy: 'Draw one of your own, or ask them.',
    },
    403,
  );
}

export function changedMeanwhile(row: AnnotationRow, version: number): StromaError {
  return new StromaError(
    {
      code: 'annotation.version',
      message: 'The annotation was changed meanwhile. Nothing was saved.',
      expected: `version ${row.version}`,
      found: `version ${version}`,
      where: `annotation ${row.id}`,
      remedy: 'Load it again, and repeat the change on what is there now.',
    },
    409,
  );
}

export function locked(row: AnnotationRow): StromaError {
  return new StromaError({
    code: 'annotation.locked',
    message: 'A locked annotation is neither moved nor deleted.',
    expected: 'isLocked false',
    found: 'isLocked true',
    where: `annotation ${row.id}`,
    remedy: 'Unlock it first.',
  });
}

export function idTaken(id: string): StromaError {
  return new StromaError(
    {
      code: 'annotation.id',
      message: 'The slide has an annotation of this id already.',
      found: id,
      remedy: 'Leave the id out, or change the annotation that is there.',
    },
    409,
  );
}

export function tooMany(expected: string, found: string): StromaError {
  const problem: Problem = {
    code: 'annotation.count',
    message: 'The slide cannot hold so many annotations. Nothing was saved.',
    expected,
    found,
    remedy: 'Delete some, or simplify their outlines.',
  };
  return new StromaError(problem);
}
