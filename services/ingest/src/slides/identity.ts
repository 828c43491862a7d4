import { createHash } from 'node:crypto';
import type { SlidePart } from './found.ts';

/** Names a slide by its content: the hash of its bytes, or of the sorted list of its files' paths and hashes. */
export function slideSha256(parts: readonly Pick<SlidePart, 'path' | 'source'>[]): string {
  const [only] = parts;
  if (only && parts.length === 1) return only.source.sha256;
  const lines = parts.map(({ path, source }) => `${source.sha256}  ${path}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

/** The same content has the same id, so an attempt after a kill writes over what the one before left (RFC 9562, version 8). */
export function slideIdOf(sha256: string): string {
  const variant = ((Number.parseInt(sha256[16] ?? '0', 16) & 3) | 8).toString(16);
  const parts = [sha256.slice(0, 8), sha256.slice(8, 12), `8${sha256.slice(13, 16)}`];
  return [...parts, `${variant}${sha256.slice(17, 20)}`, sha256.slice(20, 32)].join('-');
}
