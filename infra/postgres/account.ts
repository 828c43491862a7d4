import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { StromaError } from '@stroma/core/errors';
import { postgresBinary } from './binaries.ts';

const run = promisify(execFile);

/** Who the server runs as, and how to start a program as them. */
export interface Account {
  /** Undefined when the server runs under our own uid. */
  owner?: { uid: number; gid: number };
  wrap(command: string, args: readonly string[]): { command: string; args: string[] };
}

/**
 * Postgres refuses to run as root. Started by root it runs as `nobody`, which may not be able to pass through the
 * folders above the data (a root-only home, say). It is then given the one capability that lets it, and only then:
 * first none, then reading anywhere, then writing anywhere (containers often lack the second).
 */
export async function serverAccount(folder: string): Promise<Account> {
  if (process.getuid?.() !== 0) return { wrap: (command, args) => endWithParent([], command, args) };
  const [uid, gid] = await Promise.all([idOf('-u'), idOf('-g')]);
  const drop = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  let reason = '';
  for (const capability of [undefined, 'dac_read_search', 'dac_override']) {
    const flags = capability ? [...drop, `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`] : drop;
    const works = await run('setpriv', [...flags, postgresBinary('postgres'), '--version'])
      .then(() => run('setpriv', [...flags, 'stat', `${folder}/.`]))
      .then(
        () => true,
        (error: Error) => {
          reason = error.message;
          return false;
        },
      );
    if (works) return { owner: { uid, gid }, wrap: (command, args) => endWithParent(flags, command, args) };
  }
  throw new StromaError({
    code: 'postgres.account',
    message: 'Postgres cannot be started by root on this machine.',
    expected: 'setpriv (util-linux) and a user nobody who can be given access to the data folder',
    found: reason,
    where: folder,
    remedy: 'Start Stroma as an ordinary user, or set DATABASE_URL to a server of your own.',
  });
}

/** On Linux the kernel sends the server a fast-shutdown signal when this process dies, by kill -9 too. */
function endWithParent(flags: string[], command: string, args: readonly string[]) {
  if (process.platform !== 'linux') return { command, args: [...args] };
  return { command: 'setpriv', args: [...flags, '--pdeathsig=INT', command, ...args] };
}

async function idOf(flag: '-u' | '-g'): Promise<number> {
  return Number((await run('id', [flag, 'nobody'])).stdout);
}

/** The operating-system name under which our own connections arrive. */
export function clientName(): string {
  return userInfo().username;
}
