import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A unix socket's path is limited to 107 bytes (103 on macOS); what is put below a folder has at most 23. */
const longestFolder = 103 - 23;
/** Passable but not readable: the database server may be another user, and its own folder below is closed. */
const mode = 0o711;

export interface SocketFolder {
  folder: string;
  remove(): Promise<void>;
}

/** The wished folder where its path is short enough, else a private one below the system's temporary folder. */
export async function socketFolder(wished: string): Promise<SocketFolder> {
  if (Buffer.byteLength(wished) <= longestFolder) {
    await mkdir(wished, { recursive: true, mode });
    return { folder: wished, remove: async () => undefined };
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-'));
  await chmod(folder, mode);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
