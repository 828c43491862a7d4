'use client';
import dynamic from 'next/dynamic';
import { serverUnfinished } from './unfinished.ts';
import { useUploads } from './upload-queue.ts';
import { useFindings } from './use-findings.ts';
import { useInterrupted } from './use-interrupted.ts';

// Fetched when there is something to watch.
const UploadRows = dynamic(() => import('./upload-rows.tsx').then((module) => module.UploadRows), { ssr: false });

/** Stands below every page while there is something to watch. */
export function UploadTray() {
  const items = useUploads();
  const findings = useFindings(items);
  const [interrupted, forget] = useInterrupted();
  const broken = interrupted.filter((one) => !items.some((item) => item.name === one.name && item.bytes === one.bytes));
  const onServer = serverUnfinished(findings.list, items);
  const unfinished = broken.length + onServer.groups.length + onServer.waiting.length;
  if (items.length === 0 && unfinished === 0) return null;
  return <UploadRows items={items} findings={findings} broken={broken} onServer={onServer} onForget={forget} />;
}
