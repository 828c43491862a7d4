import type { Problem } from '@stroma/core/errors';
import { useSyncExternalStore } from 'react';
import { rateMeter } from './rate.ts';
import { startTransfer, type Transfer } from './tus-transfer.ts';
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
const files = new Map<string, File>();
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

export function addFiles(added: readonly File[]) {
  const fresh = added.map((file): UploadItem => {
    const key = `u${++lastKey}`;
    files.set(key, file);
    return {
      key,
      name: file.name,
      bytes: file.size,
      bytesSent: 0,
      rate: 0,
      resumedAt: 0,
      state: file.size > 0 ? 'waiting' : 'failed',
      problem: file.size > 0 ? null : empty,
      uploadId: null,
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

export function dismissUpload(key: string) {
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
  const file = files.get(key);
  if (!file) return;
  change(key, { state: 'sending' });
  const rate = rateMeter();
  const end = (values: Partial<UploadItem>) => {
    transfers.delete(key);
    change(key, { rate: 0, ...values });
    fill();
  };
  const transfer = await startTransfer(file, {
    progress: (bytesSent) => change(key, { bytesSent, rate: rate(bytesSent) }),
    resumed: (resumedAt) => change(key, { resumedAt }),
    done: (uploadId) => end({ state: 'sent', uploadId, bytesSent: file.size }),
    failed: (problem) => end({ state: 'failed', problem }),
  });
  if (items.find((item) => item.key === key)?.state === 'sending') transfers.set(key, transfer);
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
