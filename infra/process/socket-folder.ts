import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The path of a unix socket is limited to 107 bytes (103 on macOS); the longest name put into a folder has 19. */
const longestFolder = 103 - 20;

export interface SocketFolder {
  folder: string;
  remove(): Promise<void>;
}

/** The wished folder where its path is short enough, else a private one below the system's temporary folder. */
export async function socketFolder(wished: string): Promise<SocketFolder> {
  if (Buffer.byteLength(wished) <= longestFolder) {
    await mkdir(wished, { recursive: true, mode: 0o700 });
    return { folder: wished, remove: async () => undefined };
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
