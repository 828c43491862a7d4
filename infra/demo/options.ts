import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { StromaError } from '@stroma/core/errors';

export interface DemoOptions {
  /** A folder of slides and its labels; without it a cohort is generated. */
  own?: { slides: string; labels: string };
  /** µm/px at which crops are cut. */
  mpp: number;
  preset: 'smoke' | 'tiny';
  exit: boolean;
  summary?: string;
  port?: string;
  seed: number;
}

/** Crops of the generated cohort are cut at its full resolution. */
const generatedMpp = 0.5;
export const usage =
  'npm run demo -- [--slides DIR --labels CSV --mpp N] [--preset smoke|tiny] [--seed N] [--exit] [--summary FILE] [--port N]';

export function demoOptions(args: string[]): DemoOptions {
  const text = { type: 'string' } as const;
  const options = { slides: text, labels: text, mpp: text, preset: text, seed: text, summary: text, port: text };
  const { values } = read(() => parseArgs({ args, options: { ...options, exit: { type: 'boolean' } } }));
  if (Boolean(values.slides) !== Boolean(values.labels)) throw wrong('--slides and --labels belong together');
  for (const file of [values.slides, values.labels]) {
    if (file && !existsSync(file)) throw wrong('the path does not exist', path.resolve(file));
  }
  if (values.slides && !values.mpp) throw wrong('--slides needs --mpp, the resolution at which crops are cut');
  const preset = values.preset ?? 'smoke';
  if (preset !== 'smoke' && preset !== 'tiny') throw wrong('--preset is smoke or tiny', preset);
  return {
    ...(values.slides && values.labels
      ? { own: { slides: path.resolve(values.slides), labels: path.resolve(values.labels) } }
      : {}),
    mpp: number('--mpp', values.mpp ?? String(generatedMpp), 0.05, 50),
    preset,
    exit: values.exit ?? false,
    ...(values.summary ? { summary: path.resolve(values.summary) } : {}),
    ...(values.port ? { port: values.port } : {}),
    seed: number('--seed', values.seed ?? '7', 0, 2_147_483_647),
  };
}

function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

function number(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() && value >= least && value <= most) return value;
  throw wrong(`${flag} is a number from ${least} to ${most}`, text);
}

function wrong(message: string, found?: string): StromaError {
  return new StromaError({
    code: 'demo.options',
    message: `The demo cannot start: ${message}.`,
    ...(found === undefined ? {} : { found }),
    remedy: usage,
  });
}
