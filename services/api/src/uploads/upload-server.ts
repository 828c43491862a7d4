import { open, statfs } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import type { Problem } from '@stroma/core/errors';
import { nameOf } from '@stroma/core/relative-path';
import { bytesLabel } from '@stroma/core/units';
import type { UserRow } from '@stroma/db/accounts';
import type { Database } from '@stroma/db/client';
import { createUpload, deleteUpload, finishUpload } from '@stroma/db/uploads';
import { FileStore } from '@tus/file-store';
import { EVENTS, Server } from '@tus/server';
import { placeInGroup } from './group-place.ts';
import { type LockTimes, postgresLocker } from './postgres-locker.ts';
import { removeUploadFiles, uploadIdShape } from './upload-folder.ts';

export const uploadsPath = '/api/uploads';

/** Whole-slide images stay below some 20 GB; ten times that is taken. */
export const maxUploadBytes = 200e9;
/** Left free for the database and for what is made of the slide. */
const spareBytes = 2e9;

export interface UploadServerOptions {
  db: Database;
  folder: string;
  /** Who sends the request; it was checked before tus sees it. */
  senderOf(request: IncomingMessage): UserRow;
  maxBytes?: number | undefined;
  lockTimes?: LockTimes | undefined;
}

export function createUploadServer({
  db,
  folder,
  senderOf,
  maxBytes = maxUploadBytes,
  lockTimes,
}: UploadServerOptions) {
  const server = new ProblemServer({
    path: uploadsPath,
    datastore: new FileStore({ directory: folder }),
    locker: postgresLocker(db, lockTimes),
    lockDrainTimeout: 1_000,
    maxSize: maxBytes,
    relativeLocation: true,
    // No other site may use this address, so no Access-Control header is sent.
    allowedOrigins: [],
    disableTerminationForFinishedUploads: true,
    getFileIdFromRequest: (_request, id) => (id && uploadIdShape.test(id) ? id : undefined),
    async onUploadCreate(request, upload) {
      const bytes = upload.size;
      if (!bytes) throw refusal(411, noLength);
      const problem = await lacksRoom(folder, bytes);
      if (problem) throw refusal(507, problem);
      const userId = senderOf(request.runtime?.node?.req as IncomingMessage).id;
      const place = await placeInGroup(db, userId, upload.metadata, bytes);
      if ('problem' in place) throw refusal(409, place.problem);
      const { inGroup } = place;
      const name = inGroup ? nameOf(inGroup.path) : fileName(upload.metadata);
      const { replaced } = await createUpload(db, { id: upload.id, userId, fileName: name, bytes, inGroup });
      if (replaced) await removeUploadFiles(folder, [replaced]);
      return {};
    },
    async onUploadFinish(_request, { id }) {
      const file = path.join(folder, id);
      await syncFile(file);
      await finishUpload(db, id, file);
      return {};
    },
  });
  server.on(EVENTS.POST_TERMINATE, (_request, _answer, id) => {
    deleteUpload(db, id).catch(() => undefined);
  });
  return server;
}

/** tus answers errors as plain text; ours are Problems like everywhere else. */
class ProblemServer extends Server {
  override write(...[context, headers, status, body]: Parameters<Server['write']>) {
    if (status < 400) return super.write(context, headers, status, body);
    headers.set('content-type', 'application/json; charset=utf-8');
    const problem = body?.startsWith('{') ? body : JSON.stringify({ error: tusProblem(status, body) });
    return super.write(context, headers, status, problem);
  }
}

function tusProblem(status: number, body = ''): Problem {
  const code = {
    404: 'upload.unknown',
    410: 'upload.gone',
    409: 'upload.offset',
    413: 'upload.size',
    423: 'upload.locked',
  };
  return { code: code[status as 404] ?? 'upload.refused', message: `The upload did not go on: ${body.trim()}.` };
}

function refusal(status_code: number, error: Problem) {
  return { status_code, body: JSON.stringify({ error }) };
}

const noLength: Problem = {
  code: 'upload.length',
  message: 'The upload does not say how many bytes will come, or it is empty.',
  expected: 'Upload-Length of at least 1',
  where: 'header Upload-Length',
};

async function lacksRoom(folder: string, bytes: number): Promise<Problem | undefined> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize - spareBytes;
  if (bytes <= free) return undefined;
  return {
    code: 'upload.room',
    message: 'The server’s disk has no room for this file.',
    expected: `${bytesLabel(bytes)} free`,
    found: `${bytesLabel(Math.max(free, 0))} beyond the ${bytesLabel(spareBytes)} that are kept free`,
    remedy: 'Free space on the server, then send the file again.',
  };
}

/** The name is shown and searched, never used as a path. */
function fileName(metadata: Record<string, string | null> | undefined): string {
  const given = metadata?.filename ?? metadata?.name ?? '';
  const last = given.split(/[/\\]/).at(-1) ?? '';
  return (
    last
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 255) || 'unnamed'
  );
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await handle.sync().finally(() => handle.close());
}
