import type { IdentifyingField } from '@stroma/core/http/slide';
import type { SlideIdentifier } from '@stroma/db/slide-identifiers';
import { identifierOf } from '@stroma/wsi/privacy/identifiers';

/** A finding with what the table of identifiers says about its kind. */
export function identifyingField(found: SlideIdentifier): IdentifyingField {
  const { name = found.kind, onDownload = 'removed', source = '' } = identifierOf.get(found.kind) ?? {};
  return { ...found, name, onDownload, source };
}
