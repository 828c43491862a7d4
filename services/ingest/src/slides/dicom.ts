import { asProblem } from '@stroma/core/errors';
import { folderOf, nameOf } from '@stroma/core/relative-path';
import { type DicomInstance, readDicomHeader } from '@stroma/wsi/dicom/header';
import type { UploadFile } from '../upload/upload-file.ts';
import type { FileRole, Found, FoundSlide } from './found.ts';

interface Instance extends DicomInstance {
  source: UploadFile;
}

/** Groups DICOM files by series, reading their headers only; every series is one slide. */
export async function findSeries(files: readonly UploadFile[], uploadName: string): Promise<Found> {
  const found: Found = { slides: [], problems: [], leftOut: [] };
  const series = new Map<string, Map<string, Instance>>();
  for (const source of files) {
    const { path, bytes } = source;
    try {
      const header = await readDicomHeader(source.file);
      if ('other' in header) {
        found.leftOut.push({ path, bytes, reason: 'a DICOM file, but not of a whole slide' });
        continue;
      }
      const instances = series.get(header.seriesUid) ?? new Map<string, Instance>();
      series.set(header.seriesUid, instances);
      const twin = instances.get(header.instanceUid);
      if (twin) {
        const same = twin.source.sha256 === source.sha256;
        found.leftOut.push({ path, bytes, reason: same ? `the same as ${twin.source.path}` : otherBytes(twin.source) });
      } else instances.set(header.instanceUid, { ...header, source });
    } catch (error) {
      found.problems.push({ name: nameOf(path), files: [source], problem: asProblem(error) });
    }
  }
  for (const [seriesUid, instances] of series) {
    const parts = seriesParts([...instances.values()]);
    const only = series.size === 1 && files.length === instances.size;
    found.slides.push({ name: seriesName(parts, only ? uploadName : undefined), parts, seriesUid, inFolder: true });
  }
  return found;
}

const otherBytes = (twin: UploadFile) => `the same instance of the series as ${twin.path}, with other bytes`;

/** The entry is the largest volume: OpenSlide finds the others by their series, whatever they are called. */
export function seriesParts(instances: readonly Instance[]): FoundSlide['parts'] {
  const volumes = instances.filter(({ flavor }) => flavor === 'volume');
  const largest = volumes.reduce<Instance | undefined>(
    (best, one) => (best && best.width * best.height >= one.width * one.height ? best : one),
    undefined,
  );
  const roleOf = (one: Instance): FileRole => {
    if (one.flavor !== 'volume') return one.flavor;
    return one === largest ? 'entry' : 'data';
  };
  return instances.map((one) => ({ path: `${one.instanceUid}.dcm`, role: roleOf(one), source: one.source }));
}

/** Files of a series are called by numbers: its folder has the better name, or the upload where it is all there is. */
function seriesName(parts: FoundSlide['parts'], uploadName: string | undefined): string {
  const paths = parts.map((part) => part.source.path);
  const folders = new Set(paths.map(folderOf));
  const [folder] = folders;
  if (folders.size === 1 && folder) return nameOf(folder);
  const entry = parts.find((part) => part.role === 'entry') ?? parts[0];
  return uploadName ?? nameOf(entry?.source.path ?? '');
}
