/** Embeddings, predictions, exports and live interpolations: `npx tsx services/inference/src/main.ts`. */
import { connect } from '@stroma/db/client';
import { work } from '@stroma/db/worker';
import { workerProcess } from '@stroma/db/worker-process';
import { openStore } from '@stroma/storage/open-store';
import { embedHandler, type InferenceOptions } from './embed.ts';
import { Engine } from './engine/engine.ts';
import { readEnvironment } from './environment.ts';
import { exportHandler } from './export.ts';
import { gradeSlideHandler } from './grade-slide.ts';
import { interpolationServer, listenOnSocket } from './interpolation/server.ts';
import { Models } from './models.ts';
import { PatchAttentions } from './patch-attention/patch-attentions.ts';
import { patchAttentionRoutes } from './patch-attention/routes.ts';
import { predictHandler } from './predict.ts';
import { CropIndexes } from './search/crop-indexes.ts';
import { CropSearch } from './search/crop-search.ts';
import { searchRoutes } from './search/routes.ts';

const { worker, stop, log } = workerProcess('inference');
const { databaseUrl, objects, socket, codeRevision } = readEnvironment();
const connection = connect(databaseUrl);
const store = openStore(objects);

const engine = new Engine({ log });
const models = new Models(engine, store);
const indexes = new CropIndexes({ store, log });
const search = new CropSearch({ db: connection.db, store, indexes });
const server = interpolationServer({ db: connection.db, store, engine, models, search, codeRevision }, log);
searchRoutes(server, search, log);
patchAttentionRoutes(server, new PatchAttentions({ db: connection.db, store, engine, models }));
await listenOnSocket(server, socket);
log(`ready on ${socket}, revision ${codeRevision}`);

const options: InferenceOptions = { connection, store, engine, models, codeRevision, log };
const handlers = {
  embed: embedHandler(options),
  predict: predictHandler(options),
  grade_slide: gradeSlideHandler(options),
  export: exportHandler(options),
};
await work({ connection, name: worker, handlers, log }, stop);
engine.close();
indexes.close();
await server.close();
await connection.close();
log('ended');
// Standard input, held open to watch the parent, would keep the process alive.
process.exit(0);
