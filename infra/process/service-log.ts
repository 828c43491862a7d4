import { createWriteStream, renameSync, statSync } from 'node:fs';
import path from 'node:path';

/** A log larger than this is put aside at the next start; one older file is kept. */
const longestLogBytes = 50_000_000;

/** Everything goes to log/<name>.log with its time; warnings and errors also to the terminal. */
export function serviceLog(folder: string, name: string): (line: string) => void {
  const file = path.join(folder, `${name}.log`);
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > longestLogBytes) renameSync(file, `${file}.1`);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  // A full disk must not take the platform down with it.
  stream.on('error', () => undefined);
  return (line) => {
    stream.write(`${new Date().toISOString()} ${line}\n`);
    const warning = warningText(line);
    if (warning) console.error(`${name}: ${warning}`);
  };
}

/** Pino writes JSON with a numeric level, 40 being a warning; Postgres and Python name theirs. */
export function warningText(line: string): string | undefined {
  if (line.startsWith('{')) {
    try {
      const entry = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } };
      if ((entry.level ?? 0) < 40) return undefined;
      return [entry.msg, entry.err?.message].filter(Boolean).join(': ') || line;
    } catch {
      return undefined;
    }
  }
  return /^(\S+ ){0,4}\[?\d*\]? ?(warn|warning|error|fatal|panic)\b:?/i.test(line) ? line : undefined;
}
