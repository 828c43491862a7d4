import { mkdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Type } from '@fastify/type-provider-typebox';
import type { Problem } from '@stroma/core/errors';
import { UploadList } from '@stroma/core/http/upload';
import type { UserRow } from '@stroma/db/accounts';
import { findingsOf } from '@stroma/db/upload-findings';
import { listGroups } from '@stroma/db/upload-groups';
import { discardWaiting, findUpload, listUploads } from '@stroma/db/uploads';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api, ApiOptions } from '../api.ts';
import { takeSocket } from '../raw-answer.ts';
import { recoverUploads, removeUploadFiles, sweepUploads } from '../uploads/upload-folder.ts';
import { groupMessage, uploadMessage } from '../uploads/upload-message.ts';
import { createUploadServer, uploadsPath } from '../uploads/upload-server.ts';

const config = { rule: 'signed-in', long: true } as const;
const sweepEveryMs = 60_000;

export async function uploads(app: Api, { uploadsFolder, uploadLimits }: ApiOptions): Promise<void> {
  const { db } = app.connection;
  const senders = new WeakMap<IncomingMessage, UserRow>();
  const folder = path.resolve(uploadsFolder);
  await mkdir(folder, { recursive: true });
  const server = createUploadServer({
    db,
    folder,
    senderOf: (request) => senders.get(request) as UserRow,
    ...uploadLimits,
  });
  await recoverUploads(db, folder);
  const sweep = () => sweepUploads(db, folder).catch((error) => app.log.warn({ err: error }, 'uploads not swept'));
  await sweep();
  const timer = setInterval(sweep, sweepEveryMs);
  app.addHook('onClose', async () => clearInterval(timer));

  // The bytes stay in the socket until tus reads them.
  app.addContentTypeParser('application/offset+octet-stream', (_request, _payload, done) => done(null));

  async function receive(request: FastifyRequest, reply: FastifyReply) {
    senders.set(request.raw, request.user);
    takeSocket(reply);
    await server.handle(request.raw, reply.raw);
  }

  app.route({ method: ['POST', 'OPTIONS'], url: uploadsPath, config, schema: { hide: true }, handler: receive });
  app.route({
    method: ['HEAD', 'PATCH', 'DELETE'],
    url: `${uploadsPath}/:id`,
    config,
    schema: { hide: true },
    bodyLimit: Number.MAX_SAFE_INTEGER,
    handler: async (request, reply) => {
      const { id } = request.params as { id: string };
      const upload = await findUpload(db, id);
      const theirs = upload?.userId === request.user.id || request.user.role === 'admin';
      if (!upload || !theirs) return reply.code(404).send({ error: unknownUpload(id) });
      if (request.method === 'DELETE' && (await discardWaiting(db, id))) {
        await removeUploadFiles(folder, [id]);
        return reply.code(204).header('Tus-Resumable', '1.0.0').send();
      }
      return await receive(request, reply);
    },
  });

  app.get(
    '/api/upload-list',
    {
      config: { rule: 'signed-in' },
      schema: {
        querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200 })) }),
        response: { 200: UploadList },
      },
    },
    async (request) => {
      const { limit = 200 } = request.query;
      const [rows, groups] = await Promise.all([listUploads(db, limit), listGroups(db, limit)]);
      const ids = (some: readonly { id: string }[]) => some.map((one) => one.id);
      const found = await findingsOf(db, ids(rows), ids(groups));
      return {
        uploads: rows.map((row) =>
          uploadMessage(
            row,
            found.filter((one) => one.uploadId === row.id),
            request.user.id,
          ),
        ),
        groups: groups.map((row) =>
          groupMessage(
            row,
            found.filter((one) => one.groupId === row.id),
            request.user.id,
          ),
        ),
      };
    },
  );
}

function unknownUpload(id: string): Problem {
  return {
    code: 'upload.unknown',
    message: 'There is no such upload of yours.',
    found: id,
    remedy: 'Send the file again from the start.',
  };
}
