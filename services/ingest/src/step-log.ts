/** One line a step, with the time it took. */
export function stepLog(runId: number, log: (message: string) => void) {
  return async <T>(name: string, step: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await step();
    log(`run ${runId} ${name} ${((performance.now() - startedAt) / 1000).toFixed(2)} s`);
    return result;
  };
}
