import { readFile } from 'node:fs/promises';

export interface Counts {
  passed: number;
  failed: number;
}

export type ReadCounts = () => Promise<Counts>;

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** A file that could not be loaded has no tests in the report: it counts as one failure. */
export function vitestCounts(file: string): ReadCounts {
  return async () => {
    const report = JSON.parse(await readFile(file, 'utf8')) as VitestReport;
    const unloaded = report.testResults.filter(
      (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
    );
    return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
  };
}

export function playwrightCounts(file: string): ReadCounts {
  return async () => {
    const { stats } = JSON.parse(await readFile(file, 'utf8')) as {
      stats: { expected: number; unexpected: number; flaky: number };
    };
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
  };
}

/** JUnit's XML: the numbers are attributes of the first test suite. */
export function pytestCounts(file: string): ReadCounts {
  return async () => {
    const suite = /<testsuite [^>]*>/.exec(await readFile(file, 'utf8'))?.[0] ?? '';
    const number = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = number('failures') + number('errors');
    return { passed: number('tests') - failed - number('skipped'), failed };
  };
}
