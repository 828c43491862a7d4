import path from 'node:path';
import { Type } from '@fastify/type-provider-typebox';
import { type Problem, StromaError } from '@stroma/core/errors';
import { UploadGroupAnswer, UploadGroupRequest } from '@stroma/core/http/upload';
import { pathFault } from '@stroma/core/relative-path';
import { bytesLabel } from '@stroma/core/units';
import { discardGroup, findGroup, groupUploads, openGroup } from '@stroma/db/upload-groups';
import type { Api, ApiOptions } from '../api.ts';
import { removeUploadFiles } from '../uploads/upload-folder.ts';
import { maxUploadBytes } from '../uploads/upload-server.ts';

/** A list of 20,000 files with long paths. */
const maxListBytes = 24_000_000;

export async function uploadGroups(app: Api, { uploadsFolder, uploadLimits }: ApiOptions): Promise<void> {
  const { db } = app.connection;
  const maxBytes = uploadLimits?.maxBytes ?? maxUploadBytes;

  app.post(
    '/api/upload-groups',
    {
      config: { rule: 'signed-in' },
      bodyLimit: maxListBytes,
      schema: { body: UploadGroupRequest, response: { 200: UploadGroupAnswer } },
    },
    async (request) => {
      const { name, files } = request.body;
      checkList(files, maxBytes);
      const { id } = await openGroup(db, { userId: request.user.id, name, files });
      const begun = await groupUploads(db, id);
      return {
        id,
        begun: begun.map((upload) => {
          return { path: upload.path, uploadId: upload.id, received: upload.status !== 'receiving' };
        }),
      };
    },
  );

  app.delete(
    '/api/upload-groups/:id',
    { config: { rule: 'signed-in' }, schema: { params: Type.Object({ id: Type.String({ format: 'uuid' }) }) } },
    async (request, reply) => {
      const { id } = request.params;
      const group = await findGroup(db, id);
      const theirs = group?.userId === request.user.id || request.user.role === 'admin';
      const gone = group && theirs ? await discardGroup(db, id) : undefined;
      if (!gone) throw new StromaError(noOpenGroup(id), 404);
      await removeUploadFiles(path.resolve(uploadsFolder), gone);
      return reply.code(204).send();
    },
  );
}

function checkList(files: UploadGroupRequest['files'], maxBytes: number): void {
  const seen = new Set<string>();
  for (const { path: given } of files) {
    const fault = pathFault(given) ?? (seen.has(given) ? 'the same path twice' : undefined);
    if (fault) refuseList('different paths inside the group, with “/” between their parts', fault, given);
    seen.add(given);
  }
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  if (total > maxBytes) refuseList(`at most ${bytesLabel(maxBytes)} together`, bytesLabel(total), 'all files');
}

function refuseList(expected: string, found: string, where: string): never {
  const message = 'These files cannot be uploaded together.';
  throw new StromaError({ code: 'upload.group_list', message, expected, found, where: where.slice(0, 200) }, 400);
}

function noOpenGroup(id: string): Problem {
  return {
    code: 'upload.group_unknown',
    message: 'There is no group of uploads of yours that is still on its way.',
    found: id,
    remedy: 'Look at the list of uploads; a group that has come whole cannot be discarded.',
  };
}
