export interface Turns {
  /** Does the work when it is this key's turn; rejects with the signal's reason when it is aborted before. */
  take<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

interface Line {
  running: number;
  waiting: Set<() => void>;
}

/** At most `atOnce` works a key run at the same time; the others wait in order, and can leave the line. */
export function createTurns(atOnce: number): Turns {
  const lines = new Map<string, Line>();

  async function turn(line: Line, signal: AbortSignal): Promise<void> {
    if (line.running < atOnce) {
      line.running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      // Whoever ends hands the turn on: `running` stays as it is.
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        line.waiting.delete(go);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      line.waiting.add(go);
    });
  }

  return {
    async take(key, signal, work) {
      signal.throwIfAborted();
      const line = lines.get(key) ?? { running: 0, waiting: new Set() };
      lines.set(key, line);
      await turn(line, signal);
      try {
        return await work();
      } finally {
        const [next] = line.waiting;
        if (next) {
          line.waiting.delete(next);
          next();
        } else {
          line.running -= 1;
          if (line.running === 0) lines.delete(key);
        }
      }
    },
  };
}
