import { asProblem, StromaError } from '@stroma/core/errors';
import { folderOf, nameOf } from '@stroma/core/relative-path';
import type { UploadFile } from '../upload/upload-file.ts';
import type { Found, FoundSlide, SlidePart } from './found.ts';
import { namesBeside, readIndex, refuseIndex } from './ini-values.ts';
import { missingFiles } from './missing-files.ts';

/** Keys that name a file: ImageFile, ImageFile(1,0), MapFile, …; the optimisation file may be absent. */
const namesFile = /\.(IMAGEFILE(\(.*\))?|MAPFILE|MACROIMAGE|OPTIMISATIONFILE)$/;
const expected = 'the .vms file and beside it every JPEG that it names';

/** Hamamatsu VMS and VMU: a text that names the files beside it. `indexes` are those of the files that are such texts. */
export async function findHamamatsu(
  indexes: readonly UploadFile[],
  files: readonly UploadFile[],
): Promise<Found & { rest: UploadFile[] }> {
  const found: Found = { slides: [], series: [], problems: [], leftOut: [] };
  const taken = new Set<UploadFile>(indexes);
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const index of indexes) {
    try {
      const slide = await readHamamatsu(index, byPath);
      for (const part of slide.parts) taken.add(part.source);
      found.slides.push(slide);
    } catch (error) {
      found.problems.push({ name: nameOf(index.path), files: [index], problem: asProblem(error) });
    }
  }
  return { ...found, rest: files.filter((file) => !taken.has(file)) };
}

async function readHamamatsu(index: UploadFile, byPath: ReadonlyMap<string, UploadFile>): Promise<FoundSlide> {
  const named = [...(await readIndex(index.file, index.bytes))].filter(([key]) => namesFile.test(key));
  const names = namesBeside(named.map(([, value]) => value));
  if (names.length === 0) refuseIndex('ImageFile and MapFile', 'none');
  const macros = new Set(named.filter(([key]) => key.endsWith('.MACROIMAGE')).map(([, value]) => value));
  const optional = new Set(named.filter(([key]) => key.endsWith('.OPTIMISATIONFILE')).map(([, value]) => value));
  const folder = folderOf(index.path);
  const parts: SlidePart[] = [{ path: 'slide.vms', role: 'entry', source: index }];
  const missing: string[] = [];
  for (const name of names) {
    const source = byPath.get(folder ? `${folder}/${name}` : name);
    if (source) parts.push({ path: name, role: macros.has(name) ? 'overview' : 'data', source });
    else if (!optional.has(name)) missing.push(name);
  }
  const name = nameOf(index.path);
  if (missing.length > 0) throw new StromaError(missingFiles(name, expected, missing, names.length + 1));
  return { name, parts, seriesUid: null, inFolder: true };
}
