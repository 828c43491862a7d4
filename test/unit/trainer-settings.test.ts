import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AbmilSettings, commonSettings } from '@stroma/core/contract/abmil-settings';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';

const presets = path.join(import.meta.dirname, '../../services/trainer/stroma_trainer/presets');

/** name = value lines of a section. */
async function section(name: string): Promise<Record<string, string>> {
  const text = await readFile(path.join(presets, 'base.toml'), 'utf8');
  const lines = text.split(/^\[/m).find((part) => part.startsWith(`${name}]`)) ?? '';
  return Object.fromEntries([...lines.matchAll(/^(\w+) = ("?[^\s"]+)/gm)].map(([, key, value]) => [key, value]));
}

test('what a job may say of ABMIL is what the trainer has settings for, and the presets’ values are allowed', async () => {
  const found = await section('train_abmil');
  expect(Object.keys(AbmilSettings.properties).sort()).toEqual(Object.keys(found).sort());
  for (const [name, value] of Object.entries(found)) {
    const schema = AbmilSettings.properties[name as keyof AbmilSettings];
    expect([...Value.Errors(schema, JSON.parse(value))], name).toEqual([]);
  }
});

test('what every stage takes is the trainer’s [common]', async () => {
  expect([...commonSettings].sort()).toEqual(Object.keys(await section('common')).sort());
});
