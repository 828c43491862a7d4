import { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import { writeFeature } from '@stroma/core/annotation/geojson';
import { codedSlideName } from '@stroma/core/coded-name';
import { AnnotationImportQuery, AnnotationImportReport } from '@stroma/core/http/annotation';
import { audit } from '@stroma/db/accounts';
import { listAnnotations } from '@stroma/db/annotations';
import type { Database } from '@stroma/db/client';
import { findSlide, type SlideRow } from '@stroma/db/slide-list';
import { mostFileBytes } from '../annotations/feature-texts.ts';
import { importFile } from '../annotations/import-file.ts';
import { readFile } from '../annotations/read-file.ts';
import type { Api } from '../api.ts';
import { noSlide } from '../slides/slide-message.ts';

const config = { rule: 'signed-in', long: true } as const;
const params = Type.Object({ id: Type.String({ format: 'uuid' }) });
const contentTypes = ['application/geo+json', 'application/json', 'application/gzip', 'application/octet-stream'];
const page = { limit: 1000, mostVertices: 200_000 };

/** Annotations as GeoJSON, as QuPath reads and writes it. */
export async function annotationFiles(app: Api): Promise<void> {
  const { db } = app.connection;
  // Read piece by piece as it comes; of this plugin's routes only.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(contentTypes, (_request, payload, done) => done(null, payload));

  async function existing(id: string): Promise<SlideRow> {
    const slide = await findSlide(db, id);
    if (!slide) throw noSlide(id);
    return slide;
  }

  app.post(
    '/api/slides/:id/annotations/import',
    {
      config,
      bodyLimit: mostFileBytes,
      schema: {
        params,
        querystring: AnnotationImportQuery,
        consumes: contentTypes,
        response: { 200: AnnotationImportReport },
      },
    },
    async ({ params: { id }, query: { dryRun = '0', same = 'keep' }, body, user }) => {
      const slide = await existing(id);
      const file = await readFile(body as Readable, slide);
      return await importFile(db, file, { slideId: id, user, dryRun: dryRun === '1', same });
    },
  );

  app.get(
    '/api/slides/:id/annotations.geojson',
    { exposeHeadRoute: false, config, schema: { params } },
    async ({ params: { id }, user }, reply) => {
      await existing(id);
      await audit(db, { userId: user.id, action: 'annotation.exported', subject: `slide:${id}` });
      reply.type('application/geo+json').header('cache-control', 'private, no-store');
      reply.header('content-disposition', `attachment; filename="${codedSlideName(id)}-annotations.geojson"`);
      return reply.send(Readable.from(featureCollection(db, id)));
    },
  );
}

/** Page by page, so that a slide's annotations are never all in memory. */
async function* featureCollection(db: Database, slideId: string): AsyncGenerator<string> {
  yield '{"type":"FeatureCollection","features":[';
  let separator = '\n';
  for (let after: number | null = 0; after !== null; ) {
    const { annotations, next } = await listAnnotations(db, { slideId, after, ...page });
    for (const annotation of annotations) {
      yield separator + JSON.stringify(writeFeature(annotation));
      separator = ',\n';
    }
    after = next;
  }
  yield '\n]}\n';
}
