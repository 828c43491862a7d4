import path from 'node:path';
import type { Breach, SourceFile } from './import-rules.ts';

export const stageFiles = ['train_dino', 'train_eldm', 'synthesize', 'train_abmil', 'evaluate'];
/** What the trainer is made of: networks, and all that moves data or trains. */
export const networkFiles = ['vit', 'unet', 'autoencoder', 'abmil', 'dino_head'];
export const dataAndTraining = [
  ...stageFiles,
  'crops',
  'bags',
  'synthetic',
  'views',
  'run_directory',
  'optimisation',
  'schedules',
  'checkpoint',
  'presets',
];

/** Rules of services/trainer: stages are islands, and a network reaches neither data nor training, by any path. */
export function trainerBreaches(files: readonly SourceFile[]): Breach[] {
  const imports = new Map(files.map((file) => [path.basename(file.path, '.py'), modulesOf(file.text)]));
  const found: Breach[] = [];
  for (const [module, targets] of imports) {
    for (const target of targets) {
      if (!stageFiles.includes(target) || module === '__main__') continue;
      found.push({ from: `${module}.py`, imports: target, rule: 'no file imports a stage; __main__ starts them' });
    }
  }
  for (const network of networkFiles) {
    const chain = pathTo(network, dataAndTraining, imports);
    if (chain) {
      const rule = 'a network knows nothing of data or training';
      found.push({ from: `${network}.py`, imports: chain.slice(1).join(' → '), rule });
    }
  }
  return found;
}

function modulesOf(text: string): string[] {
  const direct = [...text.matchAll(/^\s*(?:from|import) stroma_trainer\.(\w+)/gm)].map((match) => match[1] as string);
  const listed = [...text.matchAll(/^\s*from (?:stroma_trainer|\.) import (.+)$/gm)];
  const relative = [...text.matchAll(/^\s*from \.(\w+) import/gm)].map((match) => match[1] as string);
  return [...direct, ...relative, ...listed.flatMap((match) => (match[1] as string).split(/[\s,()]+/))];
}

/** The shortest chain of imports to one of the targets. */
function pathTo(
  start: string,
  targets: readonly string[],
  imports: ReadonlyMap<string, string[]>,
): string[] | undefined {
  const queue = [[start]];
  const seen = new Set([start]);
  for (let chain = queue.shift(); chain; chain = queue.shift()) {
    for (const next of imports.get(chain.at(-1) as string) ?? []) {
      if (targets.includes(next)) return [...chain, next];
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push([...chain, next]);
    }
  }
  return undefined;
}
