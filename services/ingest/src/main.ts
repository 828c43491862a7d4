/** Reads uploaded slides and cuts their crops: `npx tsx services/ingest/src/main.ts`. */
import { hostname } from 'node:os';
import { connect } from '@stroma/db/client';
import { work } from '@stroma/db/worker';
import { openStore } from '@stroma/storage/open-store';
import { readEnvironment } from './environment.ts';
import { whenParentDies } from './parent.ts';
import { readSlideHandler } from './read-slide.ts';
import { removeSettledUploads } from './settled-uploads.ts';
import { tileHandler } from './tile.ts';

const log = (message: string) => process.stdout.write(`${new Date().toISOString()} ingest ${message}\n`);

const environment = readEnvironment();
const connection = connect(environment.databaseUrl);
const store = openStore(environment.objects);
const stop = new AbortController();
const end = (why: string) => {
  if (stop.signal.aborted) return;
  log(`stopping: ${why}`);
  stop.abort();
};
process.on('SIGTERM', () => end('SIGTERM'));
process.on('SIGINT', () => end('SIGINT'));
whenParentDies(() => end('the parent process has ended'));

const left = await removeSettledUploads(connection.db, environment.uploads);
log(`ready${left > 0 ? `, ${left} left-over upload files deleted` : ''}`);
await work(
  {
    connection,
    name: `ingest@${hostname()}:${process.pid}`,
    handlers: {
      read_slide: readSlideHandler({ connection, store, uploads: environment.uploads, log }),
      tile: tileHandler({ connection, store, log }),
    },
    log,
  },
  stop.signal,
);
await connection.close();
log('ended');
// Standard input, held open to watch the parent, would keep the process alive.
process.exit(0);
