import { readFile } from 'node:fs/promises';
import { pathFault } from '@stroma/core/relative-path';
import { refuse } from '@stroma/wsi/refusal';

/** Real ones have some ten thousand lines at most. */
const maxIndexBytes = 16e6;

/** An index of a slide's files in INI form: `SECTION.KEY` in capitals → value. */
export async function readIndex(file: string, bytes: number): Promise<Map<string, string>> {
  if (bytes > maxIndexBytes) refuseIndex(`at most ${maxIndexBytes} bytes`, `${bytes} bytes`);
  const values = new Map<string, string>();
  let section = '';
  for (const line of (await readFile(file, 'utf8')).replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const head = /^\s*\[([^\]]+)\]/.exec(line);
    if (head) section = (head[1] ?? '').toUpperCase();
    const equals = line.indexOf('=');
    if (!head && equals > 0) {
      values.set(`${section}.${line.slice(0, equals).trim().toUpperCase()}`, line.slice(equals + 1).trim());
    }
  }
  return values;
}

/** Names of files beside the index, each once, that can be kept under their own names. */
export function namesBeside(names: readonly string[]): string[] {
  for (const name of names) {
    const fault =
      pathFault(name) ?? (/^\.|[/~]/.test(name) || name.length > 200 ? 'a name that cannot be kept' : undefined);
    if (fault) refuseIndex('plain names of files in the same folder', JSON.stringify(name.slice(0, 200)));
  }
  return [...new Set(names)];
}

export function refuseIndex(expected: string, found: string): never {
  refuse('file_index', {
    message: 'The list of the slide’s own files does not make sense.',
    expected,
    found,
    where: 'Slidedat.ini of a MIRAX slide, or the .vms file of a Hamamatsu slide',
    remedy: 'Copy the whole slide from the scanner again.',
  });
}
