import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '@stroma/db/client';

export interface SlideGiven {
  name: string;
  /** As the header declares it; square pixels. */
  mpp?: number | null;
  /** As the tags say it. */
  derived?: number | null;
  createdAt?: string;
}

/** A slide's row with two levels, without a file. */
export async function insertSlide(
  db: Database,
  { name, mpp = 0.5, derived = null, createdAt }: SlideGiven,
): Promise<string> {
  const sha256 = createHash('sha256').update(randomUUID()).digest('hex');
  const { id } = await db
    .insertInto('slide')
    .values({
      sha256,
      name,
      bytes: 1000,
      objectKey: `slides/${sha256}`,
      thumbnailKey: `thumbnails/${sha256}.jpg`,
      reader: 'tiff',
      format: 'generic-tiff',
      width0: 1000,
      height0: 600,
      mppDeclaredX: mpp,
      mppDeclaredY: mpp,
      mppDerivedX: derived,
      mppDerivedY: derived,
      ...(createdAt ? { createdAt } : {}),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const level = { slideId: id, tileWidth: 256, tileHeight: 256, compression: 'jpeg' };
  await db
    .insertInto('slideLevel')
    .values([
      { ...level, level: 0, ifd: 0, width: 1000, height: 600, downsampleX: 1, downsampleY: 1 },
      { ...level, level: 1, ifd: 1, width: 500, height: 300, downsampleX: 2, downsampleY: 2 },
    ])
    .execute();
  return id;
}

export interface CohortGiven {
  /** Grade by slide; every slide is a patient of its own. */
  grades: (string | null)[];
  mpp?: number | null;
}

/** A cohort of fresh slides named s0.svs, s1.svs, … */
export async function insertCohort(db: Database, { grades, mpp = 0.5 }: CohortGiven) {
  const classes = [...new Set(grades.filter((grade) => grade !== null))].sort();
  const { id } = await db
    .insertInto('cohort')
    .values({ name: `cohort ${randomUUID()}`, classes, foldCount: 2, seed: 7 })
    .returning('id')
    .executeTakeFirstOrThrow();
  const slideIds: string[] = [];
  for (const [i, grade] of grades.entries()) {
    const slideId = await insertSlide(db, { name: `s${i}.svs`, mpp });
    slideIds.push(slideId);
    const patientId = `p${i}`;
    await db
      .insertInto('cohortPatient')
      .values({ cohortId: id, patientId, fold: i % 2 })
      .execute();
    const label = grade === null ? null : classes.indexOf(grade);
    await db.insertInto('cohortSlide').values({ cohortId: id, slideId, patientId, label }).execute();
  }
  return { cohortId: id, slideIds };
}
