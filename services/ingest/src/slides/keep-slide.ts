import path from 'node:path';
import type { NewSlide } from '@stroma/db/slides';
import type { ObjectStore } from '@stroma/storage/object-store';
import { identifiersOf } from '../identifiers-of.ts';
import type { FoundSlide } from './found.ts';
import { slideIdOf } from './identity.ts';
import { keepFile } from './keep-file.ts';
import { entryOf, type Reading } from './open-parts.ts';

/** Puts a slide's files and thumbnail into the store; answers the rows that shall name them. */
export async function keepSlide(
  store: ObjectStore,
  slide: FoundSlide,
  { structure, thumbnail, fingerprint }: Reading,
  { sha256, workFolder }: { sha256: string; workFolder: string },
): Promise<NewSlide> {
  const id = slideIdOf(sha256);
  const thumbnailKey = `thumbnails/${id}.jpg`;
  const keyOf = (inside: string) => (slide.inFolder ? `slides/${sha256}/${inside}` : `slides/${sha256}`);
  for (const { path: inside, source } of slide.parts) {
    await keepFile(store, keyOf(inside), source.file, path.join(workFolder, 'kept'));
  }
  await store.put(thumbnailKey, thumbnail);
  // By their kept names: what a file of a MIRAX slide holds, its name says.
  const kept = slide.parts.map((part) => store.localPath(keyOf(part.path)));
  const identifiers = await identifiersOf(kept, slide.name);
  const { associated: _, ...columns } = structure;
  return {
    ...columns,
    id,
    sha256,
    name: slide.name,
    identifiers,
    fingerprint,
    seriesUid: slide.seriesUid,
    bytes: slide.parts.reduce((sum, part) => sum + part.source.bytes, 0),
    objectKey: keyOf(entryOf(slide).path),
    thumbnailKey,
    files: slide.parts.map(({ path: inside, role, source: { sha256: hash, bytes } }) => {
      return { path: inside, objectKey: keyOf(inside), sha256: hash, bytes, role };
    }),
  };
}
