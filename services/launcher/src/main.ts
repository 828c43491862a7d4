/** Claims training runs and starts the trainer on them: `npx tsx services/launcher/src/main.ts`. */
import { trainerStages } from '@stroma/core/contract/run-directory';
import { connect } from '@stroma/db/client';
import { work } from '@stroma/db/worker';
import { workerProcess } from '@stroma/db/worker-process';
import { openStore } from '@stroma/storage/open-store';
import { readEnvironment } from './environment.ts';
import { processExecutor } from './process-executor.ts';
import { rayExecutor } from './ray/ray-executor.ts';
import { trainingHandler } from './train.ts';

const { worker, stop, log } = workerProcess('launcher');
const environment = readEnvironment();
const connection = connect(environment.databaseUrl);

const { python, trainerFolder, trainerThreads: threads, place, codeRevision } = environment;
const handler = trainingHandler({
  connection,
  store: openStore(environment.objects),
  executor:
    place.kind === 'ray'
      ? rayExecutor({ ...place, trainerFolder, threads })
      : processExecutor({ python, trainerFolder, threads, processes: place.processes }),
  threads,
  codeRevision,
  log,
});
log(`ready, revision ${codeRevision}`);
await work(
  {
    connection,
    name: worker,
    handlers: Object.fromEntries(trainerStages.map((stage) => [stage, handler])),
    log,
  },
  stop,
);
await connection.close();
log('ended');
// Standard input, held open to watch the parent, would keep the process alive.
process.exit(0);
