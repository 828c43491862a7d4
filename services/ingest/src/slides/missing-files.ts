import type { Problem } from '@stroma/core/errors';

const maxNamed = 20;

/** A slide of several files that did not come whole; it is not read in part. */
export function missingFiles(name: string, expected: string, missing: readonly string[], total: number): Problem {
  const more = missing.length > maxNamed ? ` and ${missing.length - maxNamed} more` : '';
  return {
    code: 'slide.files_missing',
    message: `The slide ${name} lacks ${missing.length} of its ${total} files.`,
    expected,
    found: `missing: ${missing.slice(0, maxNamed).join(', ')}${more}`,
    where: name,
    remedy: 'Upload all its files together, as they lie beside each other: as a zip or by dropping their folder.',
  };
}
