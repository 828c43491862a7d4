import { StromaError } from '@stroma/core/errors';
import type { AnnotationImportReport } from '@stroma/core/http/annotation';
import { audit, type UserRow } from '@stroma/db/accounts';
import {
  type KnownAnnotation,
  knownAnnotations,
  lockAnnotations,
  writeAnnotations,
} from '@stroma/db/annotation-import';
import type { Database } from '@stroma/db/client';
import { mayChange } from './annotation-message.ts';
import { type AnnotationFile, refuse } from './read-file.ts';
import { roomFor } from './room-for.ts';

export interface ImportOptions {
  slideId: string;
  user: UserRow;
  dryRun: boolean;
  same: 'keep' | 'replace';
}

/** Takes what fits, all of it in one transaction; a dry run makes the same report and changes nothing. */
export async function importFile(
  db: Database,
  { annotations, features, report }: AnnotationFile,
  { slideId, user, dryRun, same }: ImportOptions,
): Promise<AnnotationImportReport> {
  return await db.transaction().execute(async (tx) => {
    await lockAnnotations(tx, slideId);
    const ids = annotations.flatMap(({ id }) => id ?? []);
    const known = new Map((await knownAnnotations(tx, slideId, ids)).map((one) => [one.id, one]));
    const counts = { added: 0, replaced: 0, kept: 0 };
    const more = { count: 0, vertices: 0 };
    const taken = annotations.filter((annotation, i) => {
      const there = annotation.id === null ? undefined : known.get(annotation.id);
      if (there && same === 'keep') {
        counts.kept += 1;
        return false;
      }
      const refusal = there && replacing(there, user);
      if (refusal) {
        refuse(report, features[i]?.index ?? 0, features[i]?.name ?? null, refusal);
        return false;
      }
      counts[there ? 'replaced' : 'added'] += 1;
      more.count += there ? 0 : 1;
      more.vertices += annotation.vertexCount - (there?.vertexCount ?? 0);
      return true;
    });
    await roomFor(tx, slideId, more);
    if (!dryRun && taken.length > 0) {
      await writeAnnotations(tx, { slideId, userId: user.id }, taken);
      const detail = { ...counts, refused: report.refused };
      await audit(tx, { userId: user.id, action: 'annotation.imported', subject: `slide:${slideId}`, detail });
    }
    return { dryRun, ...counts, ...report };
  });
}

function replacing(there: KnownAnnotation, user: UserRow): StromaError | undefined {
  if (!mayChange(there, user)) {
    return new StromaError({
      code: 'annotation.author',
      message: 'The annotation of this id is somebody else’s.',
      expected: 'its author or an admin',
      found: user.name,
      where: 'id',
      remedy: 'Import the file again and keep what is there, or ask its author to import it.',
    });
  }
  if (!there.isLocked) return undefined;
  return new StromaError({
    code: 'annotation.locked',
    message: 'The annotation of this id is locked.',
    expected: 'an unlocked one',
    where: 'id',
    remedy: 'Unlock it first.',
  });
}
