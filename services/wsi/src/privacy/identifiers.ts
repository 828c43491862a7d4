import { dicomIdentifiers } from './dicom-identifiers.ts';
import type { Identifier } from './identifier.ts';
import { otherIdentifiers } from './image-identifiers.ts';
import { tiffIdentifiers } from './tiff-identifiers.ts';
import { xmlIdentifiers } from './xml-identifiers.ts';

/** Every kind of identifier that is looked for: where it lives, and what a de-identified copy does with it. */
export const identifiers: readonly Identifier[] = [
  ...otherIdentifiers,
  ...tiffIdentifiers,
  ...xmlIdentifiers,
  ...dicomIdentifiers,
];

export const identifierOf: ReadonlyMap<string, Identifier> = new Map(identifiers.map((each) => [each.kind, each]));
