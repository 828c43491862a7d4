import { rm } from 'node:fs/promises';
import path from 'node:path';
import { endWaiting, lockSeries, slidesOfSeries, waitingUploads } from '@stroma/db/series';
import type { Finding } from '@stroma/db/upload-findings';
import { readDicomInstance } from '@stroma/wsi/dicom/instance';
import { hashFile } from '../upload/hash-file.ts';
import type { UploadFile } from '../upload/upload-file.ts';
import { instancePath, seriesSlide } from './dicom.ts';
import type { FoundSeries, Instance } from './found.ts';
import { joinSeries } from './join-series.ts';
import { findingOf, type Registration, registerFound } from './register.ts';

export interface SeriesRegistration extends Registration {
  uploads: string;
  /** A file that came alone may wait for the image of its series; one of several must have it beside it. */
  mayWait: boolean;
}

/** Makes a slide of a series, together with what came of it before; `end` is called while nobody else may do so. */
export async function registerSeries(
  registration: SeriesRegistration,
  series: FoundSeries,
  end: (finding: Finding) => Promise<void>,
): Promise<void> {
  const { db, store, uploads, mayWait } = registration;
  const { name, seriesUid } = series;
  const sources = series.instances.map((one) => one.source);
  await lockSeries(db, seriesUid, async () => {
    const earlier = await slidesOfSeries(db, seriesUid);
    const waiting = (await waitingUploads(db, seriesUid)).map(({ id, ...upload }) => {
      return { id, path: upload.fileName, file: path.join(uploads, id), bytes: upload.bytes };
    });
    const joined = joinSeries(
      series,
      await Promise.all(
        earlier.map(async ({ files, ...slide }) => {
          const stored = files.map((file) => ({ ...file, file: store.localPath(file.objectKey) }));
          return { ...slide, instances: await instancesOf(stored) };
        }),
      ),
      await instancesOf(await hashed(waiting, registration.signal)),
    );
    if (joined.kind === 'refused') return await end(findingOf(name, sources, joined));
    if (joined.kind === 'known') {
      return await end(findingOf(name, sources, { slideId: joined.slideId, isDuplicate: true }));
    }
    const { instances, replaces, note } = joined;
    const replaced = earlier.find((slide) => slide.id === replaces);
    const slide = seriesSlide(replaced?.name ?? name, seriesUid, instances);
    if (!slide) return await end(mayWait ? waits(series) : findingOf(name, sources, { problem: imageless(series) }));
    const registered = await registerFound(registration, slide, replaces);
    if ('slideId' in registered) {
      const ids = waiting.map((upload) => upload.id);
      await endWaiting(db, ids, registered.slideId);
      if (replaced) for (const key of keysOf(replaced)) await store.remove(key);
      for (const id of ids) await rm(path.join(uploads, id), { force: true });
    }
    await end({ ...findingOf(name, sources, registered), ...(note ? { note } : {}) });
  });
}

async function hashed(files: Omit<UploadFile, 'sha256'>[], signal: AbortSignal): Promise<UploadFile[]> {
  const all: UploadFile[] = [];
  for (const file of files) all.push({ ...file, ...(await hashFile(file.file, signal, () => undefined)) });
  return all;
}

async function instancesOf(files: readonly UploadFile[]): Promise<Instance[]> {
  const instances: Instance[] = [];
  for (const source of files) {
    const header = await readDicomInstance(source.file);
    if (header) instances.push({ ...header, source });
  }
  return instances;
}

function keysOf({ thumbnailKey, files }: Awaited<ReturnType<typeof slidesOfSeries>>[number]): string[] {
  return [thumbnailKey, ...files.map((file) => file.objectKey)];
}

function waits({ name, seriesUid, instances }: FoundSeries): Finding {
  return {
    kind: 'waiting',
    name,
    files: instances.map((one) => one.source.path),
    bytes: instances.reduce((sum, one) => sum + one.source.bytes, 0),
    seriesUid,
    note: `This file is the ${flavorsLabel(instances)} of a DICOM series; it waits for the image (VOLUME) of the same series.`,
  };
}

function imageless({ name, instances }: FoundSeries) {
  return {
    code: 'dicom.no_image',
    message: `The DICOM series ${name} has no picture of the slide itself.`,
    expected: 'at least one instance whose ImageType says VOLUME',
    found: `${instances.length} files: ${flavorsLabel(instances)}`,
    where: instances.map(instancePath).slice(0, 3).join(', '),
    remedy: 'Add the missing files of the series and upload it again.',
  };
}

function flavorsLabel(instances: readonly Instance[]): string {
  return [...new Set(instances.map((one) => one.flavor.toUpperCase()))].join(', ');
}
