import { asProblem, StromaError } from '@stroma/core/errors';
import { folderOf, nameOf } from '@stroma/core/relative-path';
import type { UploadFile } from '../upload/upload-file.ts';
import type { Found, FoundSlide } from './found.ts';
import { miraxDataFiles } from './mirax-index.ts';
import { missingFiles } from './missing-files.ts';

const expected = 'x.mrxs and beside it the folder x with Slidedat.ini and every file that it names';

/** MIRAX: a file x.mrxs, and beside it a folder x with Slidedat.ini, an index and data files. */
export async function findMirax(files: readonly UploadFile[]): Promise<Found & { rest: UploadFile[] }> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found: Found = { slides: [], series: [], problems: [], leftOut: [] };
  const taken = new Set<UploadFile>();
  for (const entry of files.filter(({ path }) => /\.mrxs$/i.test(path))) {
    const folder = entry.path.slice(0, -'.mrxs'.length);
    const members = files.filter(({ path }) => path.startsWith(`${folder}/`));
    for (const file of [entry, ...members]) taken.add(file);
    const name = nameOf(entry.path);
    try {
      const slide = await readMirax(entry, folder, byPath);
      const used = new Set(slide.parts.map((part) => part.source));
      found.slides.push(slide);
      for (const { path, bytes } of members.filter((file) => !used.has(file))) {
        found.leftOut.push({ path, bytes, reason: `not named by the Slidedat.ini of ${name}` });
      }
    } catch (error) {
      found.problems.push({ name, files: [entry, ...members], problem: asProblem(error) });
    }
  }
  // A folder of MIRAX data whose .mrxs did not come.
  for (const index of files.filter((file) => nameOf(file.path) === 'Slidedat.ini' && !taken.has(file))) {
    const folder = folderOf(index.path);
    const members = files.filter((file) => folderOf(file.path) === folder && !taken.has(file));
    for (const file of members) taken.add(file);
    const name = folder ? nameOf(folder) : 'a MIRAX folder';
    found.problems.push({
      name,
      files: members,
      problem: missingFiles(name, expected, [`${folder || 'x'}.mrxs`], members.length + 1),
    });
  }
  return { ...found, rest: files.filter((file) => !taken.has(file)) };
}

async function readMirax(
  entry: UploadFile,
  folder: string,
  byPath: ReadonlyMap<string, UploadFile>,
): Promise<FoundSlide> {
  const name = nameOf(entry.path);
  const index = byPath.get(`${folder}/Slidedat.ini`);
  if (!index) throw new StromaError(missingFiles(name, expected, [`${folder}/Slidedat.ini`], 2));
  const data = await miraxDataFiles(index.file, index.bytes);
  const missing = data.filter((file) => !byPath.has(`${folder}/${file}`));
  if (missing.length > 0) throw new StromaError(missingFiles(name, expected, missing, data.length + 2));
  const parts = [index, ...data.map((file) => byPath.get(`${folder}/${file}`) as UploadFile)];
  return {
    name,
    seriesUid: null,
    inFolder: true,
    parts: [
      { path: 'slide.mrxs', role: 'entry', source: entry },
      ...parts.map((source) => ({ path: `slide/${nameOf(source.path)}`, role: 'data' as const, source })),
    ],
  };
}
