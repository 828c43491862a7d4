import path from 'node:path';
import { inRepository, repository } from '../repository.ts';
import { playwrightCounts, pytestCounts, type ReadCounts, vitestCounts } from './reports.ts';

export interface Runner {
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Longer than this means that it hangs. */
  minutes: number;
  /** Reads how many tests passed and failed; a runner without it counts as one test by its exit code. */
  counts?: ReadCounts;
}

const program = (...parts: string[]) => inRepository('node_modules', ...parts);
const trainer = inRepository('services', 'trainer');

/** Everything that `npm test` runs, cheapest first; reports go to a folder that is thrown away. */
export function runners(python: string, reports: string): Runner[] {
  const node = (name: string, minutes: number, file: string, args: string[]): Runner => ({
    name,
    command: process.execPath,
    args: [file, ...args],
    minutes,
  });
  const tool = (name: string, minutes: number, args: string[]): Runner => ({
    name,
    command: python,
    args: ['-m', ...args],
    cwd: trainer,
    minutes,
  });
  const vitest = (project: string, minutes: number): Runner => {
    const report = path.join(reports, `${project}.json`);
    const how = ['--config', inRepository('test', 'vitest.config.ts'), '--project', project, '--passWithNoTests'];
    return {
      ...node(project, minutes, program('vitest', 'vitest.mjs'), [
        'run',
        ...how,
        '--reporter=json',
        '--reporter=dot',
        `--outputFile.json=${report}`,
      ]),
      counts: vitestCounts(report),
    };
  };
  const pytestReport = path.join(reports, 'pytest.xml');
  const playwrightReport = path.join(reports, 'e2e.json');
  return [
    node('lint', 5, program('@biomejs', 'biome', 'bin', 'biome'), ['check', repository]),
    node('types', 10, program('typescript', 'bin', 'tsc'), ['-b', repository]),
    {
      ...tool('ruff', 5, [
        'ruff',
        'check',
        '--config',
        path.join(trainer, 'pyproject.toml'),
        trainer,
        inRepository('test', 'trainer'),
        inRepository('test', 'fixtures'),
      ]),
      cwd: repository,
    },
    tool('mypy', 10, ['mypy', 'stroma_trainer']),
    vitest('unit', 10),
    vitest('integration', 20),
    vitest('contract', 15),
    { ...tool('trainer', 20, ['pytest', '-q', `--junitxml=${pytestReport}`]), counts: pytestCounts(pytestReport) },
    {
      ...node('e2e', 25, program('@playwright', 'test', 'cli.js'), [
        'test',
        '--config',
        inRepository('test', 'playwright.config.ts'),
      ]),
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport },
      counts: playwrightCounts(playwrightReport),
    },
  ];
}
