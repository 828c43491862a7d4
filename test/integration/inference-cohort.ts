import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cropRecipe, recipeText } from '@stroma/core/contract/crop-recipe';
import { sql } from '@stroma/db/client';
import type { ObjectStore } from '@stroma/storage/object-store';
import { openStore } from '@stroma/storage/open-store';
import { encodeJpeg } from '@stroma/wsi/jpeg';
import type { TestDatabase } from '../database.ts';

export interface TestCohort {
  store: ObjectStore;
  objects: string;
  cohortId: number;
  jobId: number;
  slides: { id: string; name: string; cropSetId: number; label: number | null; fold: number; crops: number }[];
  remove(): Promise<void>;
}

export const mpp = 0.5;
const side = 256;

/**
 * A cohort of seeded textures, two grades that differ in their nuclei, three folds. Of the slides the last but one has
 * no label and the last no tissue.
 */
export async function makeCohort(
  { db }: Pick<TestDatabase, 'db'>,
  {
    slides = 8,
    crops = 6,
    job = {},
  }: { slides?: number; crops?: number; job?: { overrides?: unknown; seed?: number } } = {},
): Promise<TestCohort> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-objects-'));
  const store = openStore(pathToFileURL(folder).href);
  const cohort = await db
    .insertInto('cohort')
    .values({ name: `cohort ${randomUUID()}`, classes: ['low', 'high'], foldCount: 3, seed: 7 })
    .returning('id')
    .executeTakeFirstOrThrow();
  const made: TestCohort['slides'] = [];
  for (let i = 0; i < slides; i += 1) {
    const label = i >= slides - 2 ? null : i % 2;
    const fold = Math.floor(i / 2) % 3;
    const count = i === slides - 1 ? 0 : crops;
    const id = await addSlide({ db }, store, cohort.id, i, label, fold, count);
    made.push({ ...id, label, fold, crops: count });
  }
  const { id: jobId } = await db
    .insertInto('job')
    .values({
      cohortId: cohort.id,
      preset: 'smoke',
      mpp,
      seed: job.seed ?? 7,
      overrides: JSON.stringify(job.overrides ?? {}),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const remove = () => rm(folder, { recursive: true, force: true });
  return { store, objects: pathToFileURL(folder).href, cohortId: cohort.id, jobId, slides: made, remove };
}

async function addSlide(
  { db }: Pick<TestDatabase, 'db'>,
  store: ObjectStore,
  cohortId: number,
  ix: number,
  label: number | null,
  fold: number,
  crops: number,
) {
  const name = `slide ${ix}.svs`;
  const sha256 = createHash('sha256').update(`${cohortId}/${ix}`).digest('hex');
  const { id } = await db
    .insertInto('slide')
    .values({
      sha256,
      name,
      bytes: 1,
      objectKey: `slides/${sha256}`,
      thumbnailKey: `thumbnails/${sha256}.jpg`,
      reader: 'tiff',
      format: 'svs',
      width0: 8192,
      height0: 4096,
      mppDeclaredX: 0.25,
      mppDeclaredY: 0.25,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const patientId = `patient ${ix}`;
  await db.insertInto('cohortPatient').values({ cohortId, patientId, fold }).execute();
  await db.insertInto('cohortSlide').values({ cohortId, slideId: id, patientId, label }).execute();
  const recipe = recipeText(cropRecipe(mpp));
  const { id: cropSetId } = await db
    .insertInto('cropSet')
    .values({
      slideId: id,
      recipeHash: createHash('sha256').update(recipe).digest('hex'),
      recipe,
      mpp,
      sizePx: side,
      stridePx: side,
      size0X: side * 2,
      size0Y: side * 2,
      effectiveMppX: mpp,
      effectiveMppY: mpp,
      cropCount: crops,
      status: 'ready',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`create table ${sql.table(`crop_${cropSetId}`)} partition of crop for values in (${sql.lit(cropSetId)})`.execute(
    db,
  );
  if (crops > 0) await addShards({ db }, store, cropSetId, ix, crops);
  return { id, name, cropSetId };
}

/** Two shards a slide, so that reading goes over a shard's end. */
async function addShards(
  { db }: Pick<TestDatabase, 'db'>,
  store: ObjectStore,
  cropSetId: number,
  slide: number,
  crops: number,
) {
  const half = Math.ceil(crops / 2);
  for (let shardIx = 0; shardIx * half < crops; shardIx += 1) {
    const parts: Buffer[] = [];
    let offset = 0;
    const rows = [];
    for (let ix = shardIx * half; ix < Math.min(crops, (shardIx + 1) * half); ix += 1) {
      const jpeg = await encodeJpeg(texture(slide * 1000 + ix, 4 + 12 * (slide % 2)), side, side);
      // A tar header before every file; its words are not read here.
      parts.push(Buffer.alloc(512), jpeg);
      rows.push({
        cropSetId,
        ix,
        x0: ix * side * 2,
        y0: 512,
        tissueFraction: 0.75,
        shardIx,
        byteOffset: offset + 512,
        byteLength: jpeg.length,
      });
      offset += 512 + jpeg.length;
    }
    const key = `crops/${cropSetId}/${String(shardIx).padStart(6, '0')}.tar`;
    const stored = await store.put(key, Buffer.concat(parts));
    const { sha256, bytes } = stored;
    await db
      .insertInto('shard')
      .values({ cropSetId, ix: shardIx, objectKey: key, sha256, bytes, cropCount: rows.length })
      .execute();
    await db.insertInto('crop').values(rows).execute();
  }
}

/** Pink stroma with dark round nuclei. */
export function texture(seed: number, nuclei: number): Buffer {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const out = Buffer.alloc(side * side * 3);
  for (let i = 0; i < out.length; i += 3) {
    const grain = Math.floor(random() * 24);
    out[i] = 225 - grain;
    out[i + 1] = 160 - grain;
    out[i + 2] = 190 - grain;
  }
  for (let n = 0; n < nuclei; n += 1) {
    const cx = random() * side;
    const cy = random() * side;
    const r = 6 + random() * 8;
    for (let y = Math.max(0, Math.floor(cy - r)); y < Math.min(side, cy + r); y += 1) {
      for (let x = Math.max(0, Math.floor(cx - r)); x < Math.min(side, cx + r); x += 1) {
        if ((x - cx) ** 2 + (y - cy) ** 2 < r * r) out.set([95, 60, 130], (y * side + x) * 3);
      }
    }
  }
  return out;
}
