import { nameOf } from './relative-path.ts';

/** Files that are sent together, or one that is sent by itself (`together` false). */
export interface Parcel<File> {
  name: string;
  files: File[];
  together: boolean;
}

/** Formats of one file; a zip is one file to send, whatever is in it. What a file really is, the server finds out. */
const standsAlone = /\.(svs|tiff?|btf|ndpi|scn|bif|svslide|czi|avs|qptiff|zip)$/i;
/** The server takes no longer list. */
const maxTogether = 20_000;

/**
 * Divides files that were dropped or chosen together, so that each slide is read as soon as its own files have come:
 * one-file formats by themselves, a MIRAX file with its folder, and what else lies in a folder together.
 */
export function parcelsOf<File extends { path: string }>(dropped: readonly File[]): Parcel<File>[] {
  const parcels: Parcel<File>[] = [];
  const rest = new Set(dropped);
  for (const entry of dropped.filter(({ path }) => /\.mrxs$/i.test(path))) {
    const folder = `${entry.path.slice(0, -'.mrxs'.length)}/`;
    const files = [entry, ...dropped.filter(({ path }) => path.startsWith(folder))];
    for (const file of files) rest.delete(file);
    parcels.push({ name: nameOf(entry.path), files, together: true });
  }
  const byFolder = new Map<string, File[]>();
  for (const one of rest) {
    if (standsAlone.test(one.path)) parcels.push({ name: nameOf(one.path), files: [one], together: false });
    else {
      const top = one.path.includes('/') ? (one.path.split('/')[0] ?? '') : '';
      const beside = byFolder.get(top);
      if (beside) beside.push(one);
      else byFolder.set(top, [one]);
    }
  }
  for (const [folder, files] of byFolder) {
    const [only] = files;
    if (folder === '' && only && files.length === 1) {
      parcels.push({ name: nameOf(only.path), files, together: false });
      continue;
    }
    for (let from = 0; from < files.length; from += maxTogether) {
      const some = files.slice(from, from + maxTogether);
      parcels.push({ name: folder || `${some.length} files`, files: some, together: true });
    }
  }
  return parcels;
}
