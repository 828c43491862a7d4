import { createHmac } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import { codedSlideName } from '@stroma/core/coded-name';
import { StromaError } from '@stroma/core/errors';
import { SlideFilePlan, SlideFileQuery } from '@stroma/core/http/slide';
import type { PixelSpacing } from '@stroma/core/units';
import { audit } from '@stroma/db/accounts';
import { findSlide, type SlideRow, slideFiles } from '@stroma/db/slide-list';
import { type ZipEntry, zipStream } from '@stroma/storage/zip-stream';
import { copyVersion, type DeidentifiedCopy, deidentifiedCopy } from '@stroma/wsi/privacy/deidentified-copy';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api, ApiOptions } from '../api.ts';
import { answerRange } from '../slides/byte-range.ts';
import { noSlide } from '../slides/slide-message.ts';

const params = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** The slide itself to take away: without what identifies, or, for an admin, as it came. */
export async function slideFile(app: Api, { secret }: ApiOptions): Promise<void> {
  const { db } = app.connection;
  const uidKey = createHmac('sha256', secret).update('DICOM UIDs').digest();

  app.get(
    '/api/slides/:id/file',
    {
      // A HEAD would read the whole copy to throw it away.
      exposeHeadRoute: false,
      config: { rule: 'signed-in', long: true },
      schema: { params, querystring: SlideFileQuery },
    },
    async (request, reply) => {
      const wantsOriginal = request.query.deidentified === '0';
      if (wantsOriginal && request.user.role !== 'admin') throw adminsOnly();
      const slide = await existing(request.params.id);
      reply.header('cache-control', 'private, no-store');
      return wantsOriginal ? await original(slide, request, reply) : await deidentified(slide, request, reply);
    },
  );

  app.get(
    '/api/slides/:id/file/plan',
    { config: { rule: 'signed-in' }, schema: { params, response: { 200: SlideFilePlan } } },
    async (request) => {
      const slide = await existing(request.params.id);
      const copy = await copyOf(slide);
      const ending = 'file' in copy ? copy.file.ending : '.zip';
      return { fileName: codedSlideName(slide.id) + ending, bytes: 'file' in copy ? copy.file.bytes : null };
    },
  );

  async function existing(id: string): Promise<SlideRow> {
    const slide = await findSlide(db, id);
    if (!slide) throw noSlide(id);
    return slide;
  }

  async function copyOf(slide: SlideRow): Promise<DeidentifiedCopy> {
    const files = await slideFiles(db, slide.id);
    return await deidentifiedCopy(
      files.map((file) => app.store.localPath(file.objectKey)),
      { spacing: statedSpacing(slide), thumbnail: await app.store.get(slide.thumbnailKey), uidKey },
    );
  }

  async function deidentified(slide: SlideRow, request: FastifyRequest, reply: FastifyReply) {
    const copy = await copyOf(slide);
    const name = codedSlideName(slide.id);
    if ('instances' in copy) {
      await note('slide.deidentified-taken', slide, request);
      return sendZip(reply, `${name}.zip`, inFolder(name, copy.instances));
    }
    const { bytes, contentType, ending, stream } = copy.file;
    const etag = `"${slide.sha256.slice(0, 32)}-deidentified-${copyVersion}"`;
    const range = answerRange(request, reply, bytes, etag);
    if (range.from === 0) await note('slide.deidentified-taken', slide, request);
    reply.type(contentType).header('content-disposition', `attachment; filename="${name}${ending}"`);
    return reply.send(stream(range));
  }

  async function original(slide: SlideRow, request: FastifyRequest, reply: FastifyReply) {
    const files = await slideFiles(db, slide.id);
    // Every part of it is noted: it holds what the other copy leaves out.
    await note('slide.original-taken', slide, request);
    const [only, ...others] = files.map((file) => ({ ...file, file: app.store.localPath(file.objectKey) }));
    if (!only || others.length > 0) {
      const all = [...(only ? [only] : []), ...others];
      return sendZip(
        reply,
        `${codedSlideName(slide.id)}-original.zip`,
        all.map(({ path, file }) => ({ name: path, file })),
      );
    }
    const { from, to } = answerRange(request, reply, slide.bytes, `"${slide.sha256.slice(0, 32)}-original"`);
    const name = encodeURIComponent(slide.name);
    reply.type('application/octet-stream').header('content-disposition', `attachment; filename*=UTF-8''${name}`);
    return reply.send(createReadStream(only.file, { start: from, end: to - 1 }));
  }

  async function note(action: string, { id }: SlideRow, { user }: FastifyRequest): Promise<void> {
    await audit(db, { userId: user.id, action, subject: `slide:${id}` });
  }
}

/** No moment stands in it: the same slide gives the same bytes. */
const zipped = new Date(1980, 0, 1);

function sendZip(reply: FastifyReply, name: string, entries: readonly ZipEntry[]) {
  reply.type('application/zip').header('content-disposition', `attachment; filename="${name}"`);
  return reply.send(zipStream(entries, zipped));
}

const inFolder = (folder: string, instances: readonly { name: string; open(): Readable }[]) =>
  instances.map((instance) => ({ ...instance, name: `${folder}/${instance.name}` }));

/** What the file says of its scale, which is not always what a person made of it. */
function statedSpacing(slide: SlideRow): PixelSpacing | null {
  const { mppDeclaredX, mppDeclaredY, mppDerivedX, mppDerivedY } = slide;
  if (mppDeclaredX !== null && mppDeclaredY !== null) return { x: mppDeclaredX, y: mppDeclaredY };
  return mppDerivedX !== null && mppDerivedY !== null ? { x: mppDerivedX, y: mppDerivedY } : null;
}

function adminsOnly(): StromaError {
  return new StromaError(
    {
      code: 'slide.original',
      message: 'Only an admin may take the original file: it can hold the names and pictures that Stroma leaves out.',
      expected: 'role admin',
      found: 'role member',
      remedy: 'Take the de-identified copy, or ask an admin.',
    },
    403,
  );
}
