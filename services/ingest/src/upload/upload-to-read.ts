import path from 'node:path';
import { StromaError } from '@stroma/core/errors';
import type { Database } from '@stroma/db/client';
import type { Delivery } from '@stroma/db/upload-findings';
import { groupToRead } from '@stroma/db/upload-groups';

export interface UploadToRead {
  delivery: Delivery;
  /** As the sender calls it. */
  name: string;
  files: { path: string; file: string; bytes: number }[];
  /** Beside the uploads: for what is unpacked. */
  workFolder: string;
}

/** What a run is to read: one upload, or all uploads of a group; files of the upload folder only. */
export async function uploadToRead(db: Database, config: unknown, uploads: string): Promise<UploadToRead> {
  const given = config as { uploadId?: unknown; path?: unknown; fileName?: unknown; groupId?: unknown };
  if (typeof given.groupId === 'string') {
    const { groupId } = given;
    const group = await groupToRead(db, groupId);
    const files = group.files.map(({ id, path: filePath, bytes }) => {
      return { path: filePath, file: path.join(uploads, id), bytes };
    });
    return { delivery: { groupId }, name: group.name, files, workFolder: workFolder(uploads, groupId) };
  }
  const { uploadId, fileName } = given;
  const file = typeof given.path === 'string' ? path.resolve(uploads, given.path) : '';
  if (typeof uploadId !== 'string' || typeof fileName !== 'string' || !file.startsWith(uploads + path.sep)) {
    throw new StromaError({
      code: 'upload.config',
      message: 'The run does not name a file of the upload folder.',
      expected: 'uploadId, fileName and a path inside the upload folder',
      found: JSON.stringify(config).slice(0, 200),
      remedy: 'Upload the slide again.',
    });
  }
  const name = path.basename(fileName);
  const files = [{ path: name, file, bytes: 0 }];
  return { delivery: { uploadId }, name, files, workFolder: workFolder(uploads, path.basename(file)) };
}

const workSuffix = '.work';
const workFolder = (uploads: string, id: string) => path.join(uploads, id + workSuffix);

/** Of the upload or group that a folder's content was unpacked from. */
export function workFolderId(name: string): string | undefined {
  return name.endsWith(workSuffix) ? name.slice(0, -workSuffix.length) : undefined;
}
