import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Connection } from '@stroma/db/client';
import type { ObjectStore } from '@stroma/storage/object-store';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyServerOptions,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { UploadServerOptions } from './uploads/upload-server.ts';

/** A server whose routes get their types from their TypeBox schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface ApiOptions {
  /** Opened and closed by the caller. */
  connection: Connection;
  store: ObjectStore;
  /** Folder of unfinished uploads. */
  uploadsFolder: string;
  secret: string;
  webUrl?: string;
  inferenceSocket?: string;
  codeRevision?: string;
  uploadLimits?: Pick<UploadServerOptions, 'maxBytes' | 'lockTimes'>;
  logger?: FastifyServerOptions['logger'];
}
