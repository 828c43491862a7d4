import { setTimeout as sleep } from 'node:timers/promises';
import { StromaError } from '@stroma/core/errors';
import { encoders } from '@stroma/core/http/common';
import { type ExportList, type ExportMessage, layouts } from '@stroma/core/http/export';
import type { PortalClient } from './portal-client.ts';

const patienceMs = 15 * 60_000;

/** Asks for every layout of both encoders' embeddings, downloads each and compares its hash. */
export async function takeExports(client: PortalClient, jobId: number): Promise<ExportMessage[]> {
  const asked: ExportMessage[] = [];
  for (const encoder of encoders) {
    for (const layout of layouts)
      asked.push(await client.post<ExportMessage>('/api/exports', { jobId, encoder, layout }));
  }
  const ready = await untilReady(client, jobId, new Set(asked.map((one) => one.id)));
  for (const one of ready) {
    const { sha256, bytes } = await client.sha256(`/api/exports/${one.id}/download`);
    if (sha256 !== one.sha256) {
      throw new StromaError({
        code: 'demo.export',
        message: 'A downloaded export is not what was written.',
        where: `export ${one.id}, ${one.encoder} as ${one.layout}`,
        expected: `${one.bytes} bytes, SHA-256 ${one.sha256}`,
        found: `${bytes} bytes, SHA-256 ${sha256}`,
      });
    }
  }
  return ready;
}

async function untilReady(client: PortalClient, jobId: number, ids: ReadonlySet<number>): Promise<ExportMessage[]> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(500)) {
    const { exports } = await client.get<ExportList>(`/api/exports?jobId=${jobId}`);
    const ours = exports.filter((one) => ids.has(one.id));
    const failed = ours.find((one) => one.status === 'failed');
    if (failed)
      throw new StromaError(failed.error ?? { code: 'export.failed', message: `Export ${failed.id} failed.` });
    if (ours.length === ids.size && ours.every((one) => one.status === 'ready')) return ours;
  }
  throw new Error(`exports were not ready within ${patienceMs / 60_000} min`);
}
