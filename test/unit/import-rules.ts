import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface SourceFile {
  /** From the root, `/`-separated. */
  path: string;
  text: string;
}

export interface Breach {
  from: string;
  imports: string;
  rule: string;
}

const stores = ['core', 'db', 'storage'];
/** The table of services/README.md: who may import whom. */
export const mayImport: Record<string, readonly string[]> = {
  core: [],
  db: ['core'],
  storage: ['core'],
  wsi: ['core'],
  api: [...stores, 'wsi'],
  ingest: [...stores, 'wsi'],
  launcher: [...stores, 'wsi'],
  inference: [...stores, 'wsi'],
  web: ['core'],
  infra: stores,
};
const rooms = new Set([...Object.keys(mayImport), 'trainer', 'test']);

/** `services/api/src/app.ts` → api, `web/app/page.tsx` → web. */
function roomOf(file: string): string | undefined {
  const [first, second] = file.split('/');
  const room = first === 'services' ? second : first;
  return room && rooms.has(room) ? room : undefined;
}

const importing =
  /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\bimport\.meta\.resolve\s*\(\s*)(['"])([^'"\n]+)\1/g;

export function breaches(files: readonly SourceFile[]): Breach[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    const allowed = room === undefined ? undefined : mayImport[room];
    // Tests may import everything.
    if (!room || !allowed) return [];
    return [...file.text.matchAll(importing)].flatMap(([, , specifier = '']) => {
      const target = targetRoom(file.path, specifier);
      if (!target || target === room || allowed.includes(target)) return [];
      const rule = `${room} may import ${allowed.join(', ') || 'no other room'}`;
      return [{ from: file.path, imports: specifier, rule }];
    });
  });
}

function targetRoom(from: string, specifier: string): string | undefined {
  const named = /^@stroma\/([a-z-]+)/.exec(specifier)?.[1];
  if (named) return named;
  if (!specifier.startsWith('.')) return undefined;
  return roomOf(path.posix.join(path.posix.dirname(from), specifier));
}

const skipped = new Set(['node_modules', '.next', 'dist', '.cache', '__pycache__']);

export function sourcesBelow(root: string, folder: string, ending: RegExp): SourceFile[] {
  const found: SourceFile[] = [];
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const at = path.posix.join(folder, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) found.push(...sourcesBelow(root, at, ending));
    else if (entry.isFile() && ending.test(entry.name)) {
      found.push({ path: at, text: readFileSync(path.join(root, at), 'utf8') });
    }
  }
  return found;
}
