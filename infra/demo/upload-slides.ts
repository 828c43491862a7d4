import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UploadList, UploadMessage } from '@stroma/core/http/upload';
import { Upload } from 'tus-js-client';
import type { PortalClient } from './portal-client.ts';

const atOnce = 3;
const chunkBytes = 64_000_000;
const patienceMs = 20 * 60_000;

export interface Uploaded {
  registered: UploadMessage[];
  refused: UploadMessage[];
}

/** Sends files by tus and waits until each is a slide or was refused. */
export async function uploadSlides(client: PortalClient, files: readonly string[]): Promise<Uploaded> {
  const waiting = [...files];
  const ids: string[] = [];
  const send = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) ids.push(await sendFile(client, file));
  };
  await Promise.all(Array.from({ length: atOnce }, send));
  return await untilRead(client, new Set(ids));
}

async function sendFile(client: PortalClient, file: string): Promise<string> {
  const { size } = await stat(file);
  return await new Promise((resolve, reject) => {
    const upload = new Upload(createReadStream(file), {
      endpoint: `${client.url}/api/uploads`,
      headers: { authorization: `Bearer ${client.token}` },
      metadata: { filename: path.basename(file) },
      uploadSize: size,
      chunkSize: chunkBytes,
      retryDelays: [0, 500, 2_000, 5_000],
      onError: reject,
      onSuccess: () => resolve(path.posix.basename(new URL(upload.url ?? '').pathname)),
    });
    upload.start();
  });
}

async function untilRead(client: PortalClient, ids: ReadonlySet<string>): Promise<Uploaded> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(500)) {
    // Newest first: uploads of others may stand in between.
    const { uploads } = await client.get<UploadList>(`/api/upload-list?limit=${Math.min(1000, ids.size * 2 + 100)}`);
    const ours = uploads.filter((upload) => ids.has(upload.id));
    const registered = ours.filter((upload) => upload.status === 'registered');
    const refused = ours.filter((upload) => upload.status === 'refused');
    if (registered.length + refused.length === ids.size) return { registered, refused };
  }
  throw new Error(`slides were not read within ${patienceMs / 60_000} min; log/ingest.log says why`);
}
