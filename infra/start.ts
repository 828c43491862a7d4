/** Starts the platform on this machine and keeps it up until Ctrl-C: `npm start -- [--port 3000]`. */
import { parseArgs } from 'node:util';
import { platformOptions } from './platform/settings.ts';
import { startPlatform } from './platform.ts';
import { stopSignal } from './process/stop-signal.ts';
import { main, step } from './step.ts';

main(async () => {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const stopped = stopSignal();
  const platform = await Promise.race([startPlatform(platformOptions(values.port)), stopped.then(() => undefined)]);
  // Stopped while starting: the services end by themselves when this process does.
  if (!platform) return 130;
  console.log(
    `\nStroma is at ${platform.url}\nSign in once: ${await platform.oneTimeLink()}\nCtrl-C stops everything.`,
  );
  await stopped;
  await step('Stopped', platform.stop, () => 'no process is left');
  return 0;
});
