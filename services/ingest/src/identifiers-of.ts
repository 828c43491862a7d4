import type { SlideIdentifier } from '@stroma/db/slide-identifiers';
import { findIdentifying } from '@stroma/wsi/privacy/find-identifying';
import { identifierOf } from '@stroma/wsi/privacy/identifiers';

/** What a slide's files hold that identifies, as it is stored: without any of the values. */
export async function identifiersOf(files: readonly string[], uploadedName: string): Promise<SlideIdentifier[]> {
  const found = await findIdentifying(files, uploadedName);
  return found.map(({ where, ...finding }) => {
    return { ...finding, place: where, isImage: identifierOf.get(finding.kind)?.image === true };
  });
}
