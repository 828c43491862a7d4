import { readFile } from 'node:fs/promises';
import { refuse } from '@stroma/wsi/refusal';

/** Real ones have some ten thousand lines at most. */
const maxIndexBytes = 16e6;
const maxDataFiles = 10_000;
/** Index.dat, Data0000.dat: names that any object store takes as they are. */
const nameShape = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$/;

/** The files that Slidedat.ini says the slide consists of, besides itself; names inside its folder. */
export async function miraxDataFiles(file: string, bytes: number): Promise<string[]> {
  if (bytes > maxIndexBytes) refuseIndex(`at most ${maxIndexBytes} bytes`, `${bytes} bytes`);
  const values = iniValues(await readFile(file, 'utf8'));
  const index = values.get('HIERARCHICAL.INDEXFILE');
  const count = Number(values.get('DATAFILE.FILE_COUNT'));
  if (!index) refuseIndex('INDEXFILE in [HIERARCHICAL]', 'none');
  if (!Number.isInteger(count) || count < 1 || count > maxDataFiles) {
    refuseIndex(`FILE_COUNT of 1 to ${maxDataFiles} in [DATAFILE]`, String(values.get('DATAFILE.FILE_COUNT')));
  }
  const names = [index, ...Array.from({ length: count }, (_, i) => values.get(`DATAFILE.FILE_${i}`) ?? '')];
  for (const [i, name] of names.entries()) {
    if (!nameShape.test(name)) refuseIndex('names of letters, digits, “.”, “_” and “-”', JSON.stringify(name), i);
  }
  return [...new Set(names)];
}

/** `SECTION.KEY` in capitals → value. */
function iniValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const head = /^\s*\[([^\]]+)\]/.exec(line);
    if (head) section = (head[1] ?? '').toUpperCase();
    const equals = line.indexOf('=');
    if (!head && equals > 0) {
      values.set(`${section}.${line.slice(0, equals).trim().toUpperCase()}`, line.slice(equals + 1).trim());
    }
  }
  return values;
}

function refuseIndex(expected: string, found: string, file?: number): never {
  refuse('mirax_index', {
    message: 'The MIRAX slide’s Slidedat.ini does not make sense.',
    expected,
    found,
    where: file === undefined ? 'Slidedat.ini' : `Slidedat.ini, file ${file}`,
    remedy: 'Copy the slide’s folder from the scanner again.',
  });
}
