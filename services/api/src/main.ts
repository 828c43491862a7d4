import { connect } from '@stroma/db/client';
import { whenParentDies } from '@stroma/db/worker-process';
import { openStore } from '@stroma/storage/open-store';
import { buildApi } from './app.ts';
import { readEnvironment } from './environment.ts';

/** Requests under way get this long to end before their sockets are cut. */
const graceMs = 4_000;

const { host, port, databaseUrl, objects, ...rest } = readEnvironment(process.env);
const connection = connect(databaseUrl, { maxConnections: 16 });
const app = await buildApi({ ...rest, connection, store: openStore(objects), logger: { level: 'warn' } });

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close();
  clearTimeout(cut);
  await connection.close();
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

whenParentDies(stop);

console.log(`api at ${await app.listen({ host, port })}`);
