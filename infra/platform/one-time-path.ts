import { runCommand } from '../process/run-command.ts';
import { inRepository } from '../repository.ts';

/** Path of a link that signs the first admin in, once; made by the api's own program. */
export async function oneTimePath(environment: NodeJS.ProcessEnv): Promise<string> {
  const program = inRepository('services', 'api', 'src', 'one-time-link.ts');
  const output = await runCommand(process.execPath, ['--import', 'tsx', program], {
    env: environment,
    purpose: 'Making the one-time sign-in link',
    remedy: 'Look at log/api.log in the data folder.',
  });
  const link = output
    .trim()
    .split('\n')
    .findLast((line) => line.startsWith('/'));
  if (!link) throw new Error(`no link in: ${output}`);
  return link;
}
