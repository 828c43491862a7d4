/** Settings as a person writes them, a line each: `key = value`, as in a preset's file. */
export function readSettingLines(text: string): { settings: Record<string, unknown>; wrong: string | null } {
  const settings: Record<string, unknown> = {};
  for (const line of text.split('\n')) {
    const bare = line.replace(/(^|\s)#.*$/, '').trim();
    if (bare === '') continue;
    const [, key, value = ''] = /^([a-z_][a-z0-9_]*)\s*=\s*(\S.*)$/.exec(bare) ?? [];
    const read = key === undefined ? undefined : readValue(value);
    if (key === undefined || read === undefined) return { settings, wrong: bare };
    settings[key] = read;
  }
  return { settings, wrong: null };
}

/** A number, true or false, a text in quotes, or a list of them in brackets. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(/^[-+]?(\d+\.?|\d*\.\d+)(e[-+]?\d+)?$/i.test(text) ? String(Number(text)) : text) as unknown;
  } catch {
    return undefined;
  }
}
