import { namesBeside, readIndex, refuseIndex } from './ini-values.ts';

const maxDataFiles = 10_000;

/** The files that Slidedat.ini says the slide consists of, besides itself; names inside its folder. */
export async function miraxDataFiles(file: string, bytes: number): Promise<string[]> {
  const values = await readIndex(file, bytes);
  const index = values.get('HIERARCHICAL.INDEXFILE');
  const count = Number(values.get('DATAFILE.FILE_COUNT'));
  if (!index) refuseIndex('INDEXFILE in [HIERARCHICAL]', 'none');
  if (!Number.isInteger(count) || count < 1 || count > maxDataFiles) {
    refuseIndex(`FILE_COUNT of 1 to ${maxDataFiles} in [DATAFILE]`, String(values.get('DATAFILE.FILE_COUNT')));
  }
  return namesBeside([index, ...Array.from({ length: count }, (_, i) => values.get(`DATAFILE.FILE_${i}`) ?? '')]);
}
