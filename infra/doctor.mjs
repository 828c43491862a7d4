// What is missing on this machine and how to get it: `npm run doctor`. Plain JavaScript without packages, because it
// has to run where nothing is installed yet.
import { execFileSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const isRoot = process.getuid?.() === 0;
const gigabyte = 1e9;

/** First line of what a command prints, or undefined when it fails. */
function ask(command, ...args) {
  try {
    return (
      execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0] || 'yes'
    );
  } catch {
    return undefined;
  }
}

function nodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19) ? process.version : undefined;
}

function freeDisk() {
  const folder = existsSync(process.env.STROMA_DATA ?? '') ? process.env.STROMA_DATA : root;
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  return free > 10 * gigabyte ? `${Math.round(free / gigabyte)} GB` : undefined;
}

function portIsFree() {
  const port = Number(process.env.PORT ?? 3000);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(`${port} is free`)));
  });
}

/** Asks infra/setup, which needs the npm packages. */
function setUpState() {
  try {
    const program = path.join(root, 'infra', 'setup', 'state.ts');
    const output = execFileSync(process.execPath, ['--import', 'tsx', program], { cwd: root, encoding: 'utf8' });
    return JSON.parse(output);
  } catch {
    return {};
  }
}

const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const apt = (packages) => `apt-get install ${packages}`;
const installed = existsSync(path.join(root, 'node_modules', '.stroma-lock'));
const state = installed ? setUpState() : {};

/** [what, found or undefined, remedy, needed for] */
const checks = [
  ['node 20.19 or newer', nodeVersion(), 'https://nodejs.org or your package manager', 'everything'],
  ['npm', ask('npm', '--version'), 'comes with Node.js', 'set-up'],
  ['python 3.11', ask('python3.11', '--version'), apt('python3.11'), 'training'],
  ['python venv', ask('python3.11', '-c', 'import venv, ensurepip'), apt('python3.11-venv'), 'training'],
  ['git', ask('git', '--version'), apt('git'), 'naming the code revision'],
  ['10 GB of disk', freeDisk(), 'free some, or set STROMA_DATA to another disk', 'packages and slides'],
  ['port', await portIsFree(), 'stop what uses it, or npm start -- --port 3100', 'npm start'],
  ['npm packages', installed ? 'installed' : undefined, 'npm run setup', 'everything'],
  ['trainer environment', state.trainer, 'npm run setup', 'training'],
  ['OpenSlide', state.openslide, 'npm run setup', 'NDPI, MIRAX, DICOM and other scanners’ files'],
  ['portal', state.web, 'npm run setup', 'npm start'],
  ['chromium', chromium.find((file) => file && existsSync(file)), apt('chromium'), 'npm test'],
];
if (isRoot && process.platform === 'linux') {
  checks.push(['setpriv', ask('setpriv', '--version'), apt('util-linux'), 'Postgres, when started by root']);
}

let missing = 0;
for (const [what, found, remedy, purpose] of checks) {
  if (!found) missing += 1;
  const text = found ?? `missing; ${remedy} (needed for ${purpose})`;
  console.log(`${found ? 'ok ' : '-- '} ${what.padEnd(22)} ${text}`);
}

console.log(missing ? `\n${missing} missing.` : `\nNothing is missing.`);
process.exit(missing ? 1 : 0);
