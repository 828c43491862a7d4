import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A Python that has these modules: STROMA_PYTHON, else the system's; undefined when neither has. */
export function pythonWith(modules: string[]): string | undefined {
  const candidates = [process.env.STROMA_PYTHON, 'python3'];
  return candidates.find((python) => {
    if (!python || (python.includes('/') && !existsSync(python))) return false;
    return spawnSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' }).status === 0;
  });
}
