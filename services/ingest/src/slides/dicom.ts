import { asProblem } from '@stroma/core/errors';
import { folderOf, nameOf } from '@stroma/core/relative-path';
import { readDicomInstance } from '@stroma/wsi/dicom/instance';
import type { UploadFile } from '../upload/upload-file.ts';
import type { FileRole, Found, FoundSlide, Instance } from './found.ts';

/** Groups DICOM files by series, reading their headers only; every series is one slide. */
export async function findSeries(files: readonly UploadFile[], uploadName: string): Promise<Omit<Found, 'slides'>> {
  const found: Omit<Found, 'slides'> = { series: [], problems: [], leftOut: [] };
  const bySeries = new Map<string, Map<string, Instance>>();
  for (const source of files) {
    const { path, bytes } = source;
    try {
      const header = await readDicomInstance(source.file);
      if (!header) {
        found.leftOut.push({ path, bytes, reason: 'a DICOM file, but not of a whole slide' });
        continue;
      }
      const instances = bySeries.get(header.seriesUid) ?? new Map<string, Instance>();
      bySeries.set(header.seriesUid, instances);
      const twin = instances.get(header.instanceUid);
      if (twin) found.leftOut.push({ path, bytes, reason: twinReason(twin.source, source) });
      else instances.set(header.instanceUid, { ...header, source });
    } catch (error) {
      found.problems.push({ name: nameOf(path), files: [source], problem: asProblem(error) });
    }
  }
  for (const [seriesUid, byUid] of bySeries) {
    const instances = [...byUid.values()];
    const others = [...bySeries.values()].filter((one) => one !== byUid).flatMap((one) => [...one.values()]);
    const isAll = instances.length === files.length;
    found.series.push({ name: seriesName(instances, others, isAll ? uploadName : undefined), seriesUid, instances });
  }
  return found;
}

function twinReason(twin: UploadFile, { sha256 }: UploadFile): string {
  if (twin.sha256 === sha256) return 'a second copy of a file of the series';
  return 'an instance that the series has twice, with different bytes';
}

/** The files of a series as a slide; undefined without a picture of the slide itself. */
export function seriesSlide(name: string, seriesUid: string, instances: readonly Instance[]): FoundSlide | undefined {
  const volumes = instances.filter(({ flavor }) => flavor === 'volume');
  const largest = volumes.reduce<Instance | undefined>(
    (best, one) => (best && best.width * best.height >= one.width * one.height ? best : one),
    undefined,
  );
  if (!largest) return undefined;
  // OpenSlide finds the others by their series, whatever they are called.
  const roleOf = (one: Instance): FileRole => {
    if (one.flavor !== 'volume') return one.flavor;
    return one === largest ? 'entry' : 'data';
  };
  const parts = instances.map((one) => ({ path: instancePath(one), role: roleOf(one), source: one.source }));
  return { name, parts, seriesUid, inFolder: true };
}

export const instancePath = ({ instanceUid }: Pick<Instance, 'instanceUid'>): string => `${instanceUid}.dcm`;

/**
 * Files of a series are called by numbers: the folder that is its own has the better name, or the upload where it is all
 * there is.
 */
function seriesName(
  instances: readonly Instance[],
  others: readonly Instance[],
  uploadName: string | undefined,
): string {
  const foldersOf = (some: readonly Instance[]) => new Set(some.map(({ source }) => folderOf(source.path)));
  const folders = foldersOf(instances);
  const [folder] = folders;
  if (folders.size === 1 && folder && !foldersOf(others).has(folder)) return nameOf(folder);
  return uploadName ?? nameOf(instances[0]?.source.path ?? '');
}
