import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { type Problem, StromaError } from '@stroma/core/errors';
import type { SlideFingerprint } from '@stroma/db/slide-fingerprints';
import { openIsolated } from '@stroma/wsi/isolated/open-isolated';
import { encodeJpeg } from '@stroma/wsi/jpeg';
import { thumbnail } from '@stroma/wsi/overview';
import type { SlideStructure } from '@stroma/wsi/slide-structure';
import { fingerprintOf } from './fingerprint-of.ts';
import type { FoundSlide } from './found.ts';

export interface Reading {
  structure: SlideStructure;
  thumbnail: Buffer;
  fingerprint: SlideFingerprint;
}

/** px of the thumbnail's longer side. */
const thumbnailSide = 512;

/**
 * Opens the files as the slide they would be, before any of them is kept: in a folder of links where the reader looks at
 * the files beside the entry. A refusal is an answer about the files; anything else is a fault of ours.
 */
export async function openParts(slide: FoundSlide, workFolder: string): Promise<Reading | { problem: Problem }> {
  const folder = path.join(workFolder, 'slide');
  try {
    const reading = await readSlide(slide.inFolder ? await linkParts(slide, folder) : entryOf(slide).source.file);
    reading.structure.quirks.push(...unreadLevels(slide, reading.structure));
    return reading;
  } catch (error) {
    if (error instanceof StromaError && !isFaultOfTheMachine(error)) return { problem: error.problem };
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Too slow or too little memory may be otherwise at the next try: the run fails, and its files are kept for that. */
function isFaultOfTheMachine({ problem: { code } }: StromaError): boolean {
  return code === 'slide.read_time' || code === 'slide.read_memory' || code === 'slide.openslide_missing';
}

export function entryOf({ parts }: FoundSlide): FoundSlide['parts'][number] {
  const entry = parts.find((part) => part.role === 'entry');
  if (!entry) throw new Error('the slide has no entry file');
  return entry;
}

/** OpenSlide passes over files of a series that it cannot read; every VOLUME of it is a level otherwise. */
function unreadLevels({ seriesUid, parts }: FoundSlide, { levels }: SlideStructure): string[] {
  const volumes = parts.filter(({ role }) => role === 'entry' || role === 'data').length;
  if (seriesUid === null || volumes <= levels.length) return [];
  return [`only ${levels.length} of the ${volumes} VOLUME files of the series can be read`];
}

async function linkParts(slide: FoundSlide, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  for (const { path: inside, source } of slide.parts) {
    const target = path.join(folder, inside);
    await mkdir(path.dirname(target), { recursive: true });
    await symlink(source.file, target);
  }
  return path.join(folder, entryOf(slide).path);
}

async function readSlide(file: string): Promise<Reading> {
  const slide = await openIsolated(file);
  try {
    const { data, width, height } = await thumbnail(slide, thumbnailSide);
    return {
      structure: slide.structure,
      thumbnail: await encodeJpeg(data, width, height, 85),
      fingerprint: await fingerprintOf(slide, { data, width, height }),
    };
  } finally {
    await slide.close();
  }
}
