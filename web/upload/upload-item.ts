import type { Problem } from '@stroma/core/errors';

/** One file on its way: `sent` means that every byte has arrived and the server reads it. */
export interface UploadItem {
  key: string;
  name: string;
  bytes: number;
  bytesSent: number;
  /** Bytes a second over the last seconds; 0 until known. */
  rate: number;
  /** Bytes that an earlier attempt had already brought over. */
  resumedAt: number;
  state: 'waiting' | 'sending' | 'paused' | 'failed' | 'sent';
  problem: Problem | null;
  /** Name of the upload on the server, once known. */
  uploadId: string | null;
}
