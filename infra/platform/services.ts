import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { startChild } from '../process/child.ts';
import { type Kept, keepRunning } from '../process/keep-running.ts';
import { serviceLog } from '../process/service-log.ts';
import { inRepository } from '../repository.ts';
import { nextCommand } from '../setup/web-build.ts';

const services = ['api', 'ingest', 'inference', 'launcher'] as const;
export type ServiceName = (typeof services)[number] | 'web';

/** Within this a service has to end by itself; then its whole process group is killed. */
const graceMs = 7_500;
const preload = ['--import', 'tsx', '--import', pathToFileURL(inRepository('infra/process/end-with-parent.ts')).href];

/** Starts every service as a process of its own and keeps it running. */
export async function startServices(
  environment: NodeJS.ProcessEnv,
  webPort: number,
  logFolder: string,
  say: (line: string) => void,
): Promise<Kept[]> {
  const keep = (name: ServiceName, args: string[], cwd: string) => {
    const onLine = serviceLog(logFolder, name);
    const start = async () => {
      const child = await startChild({
        command: process.execPath,
        args: [...preload, ...args],
        env: environment,
        cwd,
        onLine,
      });
      return { pid: child.pid, exited: child.exited, stop: () => child.stop(graceMs) };
    };
    return keepRunning(name, start, (line) => {
      onLine(line);
      say(line);
    });
  };
  const root = inRepository();
  return await Promise.all([
    ...services.map((name) => keep(name, [path.join('services', name, 'src', 'main.ts')], root)),
    keep('web', [nextCommand, 'start', '--hostname', '127.0.0.1', '--port', String(webPort)], inRepository('web')),
  ]);
}
