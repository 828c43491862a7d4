import { nameOf } from '@stroma/core/relative-path';
import type { DroppedFile } from './dropped-files.ts';

/** Files that are sent together, or one that is sent by itself (`together` false). */
export interface Parcel {
  name: string;
  files: DroppedFile[];
  together: boolean;
}

/** Formats of one file; a zip is one file to send, whatever is in it. What a file really is, the server finds out. */
const standsAlone = /\.(svs|tiff?|btf|ndpi|scn|bif|svslide|czi|avs|qptiff|zip)$/i;
/** The server takes no longer list. */
const maxTogether = 20_000;

/**
 * Divides what was dropped, so that each slide is read as soon as its own files have come: one-file formats by
 * themselves, a MIRAX file with its folder, and what else lies in a folder together.
 */
export function parcelsOf(dropped: readonly DroppedFile[]): Parcel[] {
  const parcels: Parcel[] = [];
  const rest = new Set(dropped);
  for (const entry of dropped.filter(({ path }) => /\.mrxs$/i.test(path))) {
    const folder = `${entry.path.slice(0, -'.mrxs'.length)}/`;
    const members = dropped.filter(({ path }) => path.startsWith(folder));
    for (const file of [entry, ...members]) rest.delete(file);
    parcels.push({ name: nameOf(entry.path), files: [entry, ...members], together: true });
  }
  const byFolder = new Map<string, DroppedFile[]>();
  for (const one of rest) {
    if (standsAlone.test(one.path)) {
      parcels.push({ name: one.file.name, files: [one], together: false });
      continue;
    }
    const top = one.path.includes('/') ? (one.path.split('/')[0] ?? '') : '';
    byFolder.set(top, [...(byFolder.get(top) ?? []), one]);
  }
  for (const [folder, files] of byFolder) {
    if (folder === '' && files.length === 1) parcels.push({ name: files[0]?.file.name ?? '', files, together: false });
    else {
      for (let from = 0; from < files.length; from += maxTogether) {
        const some = files.slice(from, from + maxTogether);
        parcels.push({ name: folder || `${some.length} files`, files: some, together: true });
      }
    }
  }
  return parcels;
}
