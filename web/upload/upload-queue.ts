import type { Problem } from '@stroma/core/errors';
import { parcelsOf } from '@stroma/core/parcels';
import { useSyncExternalStore } from 'react';
import { send } from '../data/fetch-json.ts';
import type { DroppedFile } from './dropped-files.ts';
import { rateMeter } from './rate.ts';
import type { Transfer } from './tus-transfer.ts';
import type { UploadItem } from './upload-item.ts';

const inParallel = 3;

const empty: Problem = {
  code: 'upload.empty',
  message: 'The file is empty.',
  expected: 'at least one byte',
  found: '0 bytes',
  remedy: 'Copy it from its source again.',
};

/** Lives as long as the page: navigation does not touch it. */
let items: readonly UploadItem[] = [];
const files = new Map<string, DroppedFile[]>();
const transfers = new Map<string, Transfer>();
const listeners = new Set<() => void>();
let lastKey = 0;

export function useUploads(): readonly UploadItem[] {
  return useSyncExternalStore(
    subscribe,
    () => items,
    () => items,
  );
}

export function addFiles(added: readonly DroppedFile[]) {
  const fresh = parcelsOf(added).map(({ name, together, files: all }): UploadItem => {
    const key = `u${++lastKey}`;
    // An empty file is no part of a slide; one that was sent by itself is told so.
    const sent = together ? all.filter(({ file }) => file.size > 0) : all;
    files.set(key, sent);
    const bytes = sent.reduce((sum, { file }) => sum + file.size, 0);
    return {
      key,
      name,
      together,
      files: sent.map(({ path, file }) => ({ path, bytes: file.size })),
      bytes,
      bytesSent: 0,
      filesSent: 0,
      rate: 0,
      resumedAt: 0,
      state: bytes > 0 ? 'waiting' : 'failed',
      problem: bytes > 0 ? null : empty,
      serverId: null,
    };
  });
  set([...items, ...fresh]);
  fill();
}

export function pauseUpload(key: string) {
  transfers.get(key)?.pause();
  transfers.delete(key);
  change(key, { state: 'paused', rate: 0 });
  fill();
}

export function resumeUpload(key: string) {
  change(key, { state: 'waiting', problem: null });
  fill();
}

/** What has come of a group that is given up goes with it. */
export function dismissUpload(key: string) {
  const item = items.find((one) => one.key === key);
  if (item?.together && item.serverId && item.state !== 'sent') {
    // Not reached: the tray shows it as unfinished, and it can be discarded there.
    void send('DELETE', `/api/upload-groups/${item.serverId}`).catch(() => undefined);
  }
  transfers.get(key)?.pause();
  transfers.delete(key);
  files.delete(key);
  set(items.filter((item) => item.key !== key));
  fill();
}

export function dismissUploads(keys: readonly string[]) {
  const gone = new Set(keys);
  for (const key of gone) files.delete(key);
  set(items.filter((item) => !gone.has(item.key)));
}

function fill() {
  const free = inParallel - items.filter((item) => item.state === 'sending').length;
  for (const item of items.filter((one) => one.state === 'waiting').slice(0, Math.max(0, free))) void begin(item.key);
}

async function begin(key: string) {
  const sent = files.get(key);
  const item = items.find((one) => one.key === key);
  const [only] = sent ?? [];
  if (!sent || !item || !only) return;
  change(key, { state: 'sending' });
  const rate = rateMeter();
  const end = (values: Partial<UploadItem>) => {
    transfers.delete(key);
    change(key, { rate: 0, ...values });
    fill();
  };
  const listeners = {
    progress: (bytesSent: number) => change(key, { bytesSent, rate: rate(bytesSent) }),
    resumed: (resumedAt: number) => change(key, { resumedAt }),
    arrived: (serverId: string, filesSent: number) => change(key, { serverId, filesSent }),
    done: (serverId: string) => end({ state: 'sent', serverId, bytesSent: item.bytes, filesSent: sent.length }),
    failed: (problem: Problem) => end({ state: 'failed', problem }),
  };
  // What sends is fetched when there is something to send: every page carries this queue.
  const transfer = item.together
    ? await (await import('./group-transfer.ts')).startGroupTransfer(item.name, sent, listeners)
    : await (await import('./tus-transfer.ts')).sendFile(only.file, { filename: only.file.name }, listeners);
  if (items.find((one) => one.key === key)?.state === 'sending') transfers.set(key, transfer);
  else transfer.pause();
}

function change(key: string, values: Partial<UploadItem>) {
  set(items.map((item) => (item.key === key ? { ...item, ...values } : item)));
}

function set(next: readonly UploadItem[]) {
  items = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
