/** Claims training runs and starts the trainer on them: `npx tsx services/launcher/src/main.ts`. */
import { hostname } from 'node:os';
import { trainerStages } from '@stroma/core/contract/run-directory';
import { connect } from '@stroma/db/client';
import { work } from '@stroma/db/worker';
import { openStore } from '@stroma/storage/open-store';
import { readEnvironment } from './environment.ts';
import { whenParentDies } from './parent.ts';
import { trainingHandler } from './train.ts';

const log = (message: string) => process.stdout.write(`${new Date().toISOString()} launcher ${message}\n`);

const environment = readEnvironment();
const connection = connect(environment.databaseUrl);
const stop = new AbortController();
const end = (why: string) => {
  if (stop.signal.aborted) return;
  log(`stopping: ${why}`);
  stop.abort();
};
process.on('SIGTERM', () => end('SIGTERM'));
process.on('SIGINT', () => end('SIGINT'));
whenParentDies(() => end('the parent process has ended'));

const handler = trainingHandler({
  connection,
  store: openStore(environment.objects),
  python: environment.python,
  trainerFolder: environment.trainerFolder,
  threads: environment.trainerThreads,
  codeRevision: environment.codeRevision,
  log,
});
log(`ready, revision ${environment.codeRevision}`);
await work(
  {
    connection,
    name: `launcher@${hostname()}:${process.pid}`,
    handlers: Object.fromEntries(trainerStages.map((stage) => [stage, handler])),
    log,
  },
  stop.signal,
);
await connection.close();
log('ended');
// Standard input, held open to watch the parent, would keep the process alive.
process.exit(0);
