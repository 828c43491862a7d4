import { AbmilSettings, commonSettings } from '@stroma/core/contract/abmil-settings';
import { StromaError } from '@stroma/core/errors';
import { Value } from 'typebox/value';

/** Refuses what the trainer would refuse when both encoders are trained already. */
export function requireAbmilSettings(overrides: Record<string, unknown> = {}): void {
  for (const [name, value] of Object.entries(overrides)) {
    if (commonSettings.some((common) => common === name)) continue;
    const where = `body.overrides.train_abmil.${name}`;
    const known = Object.hasOwn(AbmilSettings.properties, name);
    if (!known) throw refused('There is no such setting of ABMIL.', settingNames, name, where);
    const [first] = Value.Errors(AbmilSettings.properties[name as keyof AbmilSettings], value);
    if (!first) continue;
    const expected = first.message.replace(/^must (be )?/, '');
    throw refused(`ABMIL’s setting ${name} cannot have this value.`, expected, JSON.stringify(value), where);
  }
}

const settingNames = Object.keys(AbmilSettings.properties).join(', ');

function refused(message: string, expected: string, found: string, where: string): StromaError {
  const remedy = 'Give a value like that, or leave the setting out: the preset has one of its own.';
  return new StromaError({ code: 'job.overrides', message, expected, found, where, remedy }, 400);
}
