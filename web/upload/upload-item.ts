import type { Problem } from '@stroma/core/errors';

/** A file or files that belong together on their way: `sent` means that every byte has arrived and the server reads. */
export interface UploadItem {
  key: string;
  name: string;
  /** Sent together, as a group; one file by itself otherwise. */
  together: boolean;
  files: ItemFile[];
  /** Of all files. */
  bytes: number;
  bytesSent: number;
  /** Files that have arrived. */
  filesSent: number;
  /** Bytes a second over the last seconds; 0 until known. */
  rate: number;
  /** Bytes that an earlier attempt had already brought over. */
  resumedAt: number;
  state: 'waiting' | 'sending' | 'paused' | 'failed' | 'sent';
  problem: Problem | null;
  /** Name of the upload or the group on the server, once known. */
  serverId: string | null;
}

export interface ItemFile {
  path: string;
  bytes: number;
}
