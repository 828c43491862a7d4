import { fileURLToPath } from 'node:url';
import { StromaError } from '@stroma/core/errors';
import { LocalStore } from './local-store.ts';
import type { ObjectStore } from './object-store.ts';

/** Opens the object store that a URI names: `file:///folder`. */
export function openStore(uri: string): ObjectStore {
  if (uri.startsWith('file://')) return new LocalStore(fileURLToPath(uri));
  throw new StromaError({
    code: 'storage.uri',
    message: 'The object store cannot be opened.',
    expected: 'a URI such as file:///var/lib/stroma/objects',
    found: uri,
    where: 'STROMA_OBJECTS',
    remedy: 'Set STROMA_OBJECTS to a file:// URI, or leave it unset.',
  });
}
