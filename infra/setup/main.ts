import { main, step } from '../step.ts';
import { setUpChromium } from './chromium.ts';
import { linkPostgresLibraries } from './postgres-libraries.ts';
import { setUpTrainer } from './trainer-environment.ts';
import { buildWeb } from './web-build.ts';

// `setup.sh` prepares what running the platform needs, `setup.sh test` also what the tests need,
// `setup.sh packages` the npm packages only.
const use = process.argv[2] ?? 'run';

main(async () => {
  if (use === 'packages') return 0;
  await step('set-up, Postgres libraries', linkPostgresLibraries);
  if (use === 'test') {
    // It holds all that training needs, so that a machine that only tests installs torch once.
    await step('set-up, trainer and its test tools', () => setUpTrainer('test'));
    await step('set-up, Chromium', setUpChromium);
  } else {
    await step('set-up, trainer environment', () => setUpTrainer('run'));
  }
  await step('set-up, portal', buildWeb);
  return 0;
});
