import type { SlideDuplicate } from '@stroma/core/http/duplicate';

/** How far two slides are the same. */
export function likeness({ kind, distance }: Pick<SlideDuplicate, 'kind' | 'distance'>): string {
  if (kind === 'pixels') return 'The same pixels';
  return `Looks alike: ${63 - distance} of 63 bits of the overview agree`;
}
