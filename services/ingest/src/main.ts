/** Reads uploaded slides and cuts their crops: `npx tsx services/ingest/src/main.ts`. */
import { connect } from '@stroma/db/client';
import { work } from '@stroma/db/worker';
import { workerProcess } from '@stroma/db/worker-process';
import { openStore } from '@stroma/storage/open-store';
import { Cutters } from './cutter/cutters.ts';
import { readEnvironment } from './environment.ts';
import { readSlideHandler } from './read-slide.ts';
import { tileHandler } from './tile.ts';
import { removeLeftOver } from './upload/left-over.ts';

const { worker, stop, log } = workerProcess('ingest');
const environment = readEnvironment();
const connection = connect(environment.databaseUrl);
const store = openStore(environment.objects);
const cutters = new Cutters();

const left = await removeLeftOver(connection.db, environment.uploads);
log(`ready${left > 0 ? `, ${left} left-over upload files deleted` : ''}`);
await work(
  {
    connection,
    name: worker,
    handlers: {
      read_slide: readSlideHandler({ connection, store, uploads: environment.uploads, log }),
      tile: tileHandler({ connection, store, cutters, log }),
    },
    log,
  },
  stop,
);
cutters.close();
await connection.close();
log('ended');
// Standard input, held open to watch the parent, would keep the process alive.
process.exit(0);
