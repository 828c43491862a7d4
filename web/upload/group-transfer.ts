import type { UploadGroupAnswer, UploadGroupRequest } from '@stroma/core/http/upload';
import { send } from '../data/fetch-json.ts';
import { problemOf as problemOfRequest } from '../data/request-failed.ts';
import type { DroppedFile } from './dropped-files.ts';
import { type Listeners, sendFile, type Transfer } from './tus-transfer.ts';

export interface GroupListeners extends Listeners {
  /** The group's name on the server, and how many of its files are there. */
  arrived(groupId: string, files: number): void;
}

/**
 * Sends files that belong together, one after the other. The server keeps the list: announced again, in this browser or
 * another, it says what has come already, and only the rest is sent.
 */
export function startGroupTransfer(
  name: string,
  files: readonly DroppedFile[],
  listeners: GroupListeners,
): Promise<Transfer> {
  let current: Transfer | undefined;
  let isPaused = false;

  const run = async () => {
    const list = files.map(({ path, file }) => ({ path, bytes: file.size }));
    const request: UploadGroupRequest = { name, files: list };
    const { id, begun } = await send<UploadGroupAnswer>('POST', '/api/upload-groups', request);
    const earlier = new Map(begun.map((one) => [one.path, one]));
    let arrived = 0;
    let bytes = 0;
    const count = (size: number) => {
      arrived += 1;
      bytes += size;
      listeners.arrived(id, arrived);
      listeners.progress(bytes);
    };
    for (const { path, file } of files) if (earlier.get(path)?.received) count(file.size);
    if (bytes > 0) listeners.resumed(bytes);
    for (const { path, file } of files) {
      const known = earlier.get(path);
      if (known?.received) continue;
      if (isPaused) return;
      const sent = await new Promise<boolean>((resolve) => {
        const metadata = { filename: file.name, group: id, path };
        const through = {
          progress: (some: number) => listeners.progress(bytes + some),
          resumed: () => undefined,
          done: () => resolve(true),
          failed: (problem: Parameters<Listeners['failed']>[0]) => {
            listeners.failed(problem);
            resolve(false);
          },
        };
        void sendFile(file, metadata, through, known && `/api/uploads/${known.uploadId}`).then((transfer) => {
          current = transfer;
          if (isPaused) transfer.pause();
        });
      });
      if (!sent) return;
      count(file.size);
    }
    listeners.done(id);
  };

  void run().catch((error: unknown) => listeners.failed(problemOfRequest(error)));
  return Promise.resolve({
    pause() {
      isPaused = true;
      current?.pause();
    },
  });
}
