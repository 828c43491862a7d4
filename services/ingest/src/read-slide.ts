import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Problem, StromaError } from '@stroma/core/errors';
import type { Connection } from '@stroma/db/client';
import { findSlideBySha256, type NewSlide, refuseUpload, registerUpload } from '@stroma/db/slides';
import type { Handler } from '@stroma/db/worker';
import type { ObjectStore } from '@stroma/storage/object-store';
import { openIsolated } from '@stroma/wsi/isolated/open-isolated';
import { encodeJpeg } from '@stroma/wsi/jpeg';
import { thumbnail } from '@stroma/wsi/overview';
import type { SlideStructure } from '@stroma/wsi/slide-structure';
import { hashFile } from './hash-file.ts';
import { identifiersOf } from './identifiers-of.ts';
import { keepFile } from './keep-file.ts';
import { stepLog } from './step-log.ts';

export interface ReadSlideOptions {
  connection: Connection;
  store: ObjectStore;
  /** Absolute; a run may read files of this folder only. */
  uploads: string;
  log(message: string): void;
}

interface Reading {
  structure: SlideStructure;
  thumbnail: Buffer;
}

/** px of the thumbnail's longer side. */
const thumbnailSide = 512;

/**
 * upload → slide. The upload file stays where it is until everything is committed, so a run that is killed at any
 * point starts again from the same bytes; the slide's file is in the store before its row is.
 */
export function readSlideHandler({ connection, store, uploads, log }: ReadSlideOptions): Handler {
  const { db } = connection;
  return async ({ run, lease, signal, report }) => {
    const { uploadId, path: file, fileName } = uploadOf(run.config, uploads);
    const step = stepLog(run.id, log);
    const { sha256, bytes } = await step('hash', () => hashFile(file, signal, report));
    const known = await findSlideBySha256(db, sha256);
    const reading = known ? undefined : await step('open', () => readOrRefuse(file));
    signal.throwIfAborted();
    if (reading && 'problem' in reading) {
      await refuseUpload(db, lease, uploadId, reading.problem);
      log(`run ${run.id} refused ${fileName}: ${reading.problem.message}`);
    } else {
      const newSlide = async () => {
        // Known a moment ago and dropped since.
        if (!reading) throw new Error('the slide was dropped while its bytes were hashed');
        return await keepSlide(store, reading, { file, sha256, bytes, name: fileName });
      };
      await step('register', () => registerUpload(db, lease, { uploadId, sha256, newSlide }));
    }
    await rm(file, { force: true });
  };
}

async function keepSlide(
  store: ObjectStore,
  { structure, thumbnail }: Reading,
  { file, ...slide }: { file: string; sha256: string; bytes: number; name: string },
): Promise<NewSlide> {
  const id = slideIdOf(slide.sha256);
  const objectKey = `slides/${slide.sha256}`;
  const thumbnailKey = `thumbnails/${id}.jpg`;
  await keepFile(store, objectKey, file);
  await store.put(thumbnailKey, thumbnail);
  const { associated: _, ...columns } = structure;
  const identifiers = await identifiersOf([file], slide.name);
  return { ...slide, ...columns, id, objectKey, thumbnailKey, identifiers };
}

/** A refusal is an answer about the file; anything else is a fault of ours and fails the run. */
async function readOrRefuse(file: string): Promise<Reading | { problem: Problem }> {
  try {
    const slide = await openIsolated(file);
    try {
      const { data, width, height } = await thumbnail(slide, thumbnailSide);
      return { structure: slide.structure, thumbnail: await encodeJpeg(data, width, height, 85) };
    } finally {
      await slide.close();
    }
  } catch (error) {
    if (error instanceof StromaError) return { problem: error.problem };
    throw error;
  }
}

/** The same bytes have the same id, so an attempt after a kill writes over what the one before left (RFC 9562, version 8). */
function slideIdOf(sha256: string): string {
  const variant = ((Number.parseInt(sha256[16] ?? '0', 16) & 3) | 8).toString(16);
  const parts = [sha256.slice(0, 8), sha256.slice(8, 12), `8${sha256.slice(13, 16)}`];
  return [...parts, `${variant}${sha256.slice(17, 20)}`, sha256.slice(20, 32)].join('-');
}

function uploadOf(config: unknown, uploads: string): { uploadId: string; path: string; fileName: string } {
  const { uploadId, path: given, fileName } = config as { uploadId?: unknown; path?: unknown; fileName?: unknown };
  const file = typeof given === 'string' ? path.resolve(uploads, given) : '';
  if (typeof uploadId === 'string' && typeof fileName === 'string' && file.startsWith(uploads + path.sep)) {
    return { uploadId, path: file, fileName: path.basename(fileName) };
  }
  throw new StromaError({
    code: 'upload.config',
    message: 'The run does not name a file of the upload folder.',
    expected: 'uploadId, fileName and a path inside the upload folder',
    found: JSON.stringify(config).slice(0, 200),
    remedy: 'Upload the slide again.',
  });
}
