import type { Header } from './header.ts';
import { isPlausibleMpp } from './resolution.ts';

export function isAperio(description: string): boolean {
  return description.startsWith('Aperio');
}

/** Aperio's ImageDescription: a first line, then `|key = value` pairs. Undefined for any other text. */
export function aperioHeader(description: string): Header | undefined {
  if (!isAperio(description)) return undefined;
  const quirks: string[] = [];
  let mpp = numberOf(description, 'MPP');
  if (mpp !== null && !isPlausibleMpp(mpp)) {
    quirks.push(`the Aperio header says ${mpp} µm/px, which no slide scanner has`);
    mpp = null;
  }
  const spacing = mpp === null ? null : { x: mpp, y: mpp };
  return { objective: numberOf(description, 'AppMag'), mpp: spacing, quirks, associated: [] };
}

/** Some exporters write a decimal comma. */
function numberOf(description: string, key: string): number | null {
  const match = new RegExp(`(?:^|\\|)\\s*${key}\\s*=\\s*([0-9]+(?:[.,][0-9]+)?)`, 'm').exec(description);
  const value = Number(match?.[1]?.replace(',', '.'));
  return match && Number.isFinite(value) && value > 0 ? value : null;
}

/** label, macro and thumbnail can show the patient's name; they are named, never served. */
export function associatedName(description: string, subfileType: number, index: number, aperio: boolean): string {
  const lines = description.toLowerCase();
  if (/(^|\n)label\b/.test(lines)) return 'label';
  if (/(^|\n)macro\b/.test(lines)) return 'macro';
  if (aperio && subfileType === 9) return 'macro';
  if (aperio && subfileType === 1) return 'label';
  if (aperio && index === 1) return 'thumbnail';
  return 'other';
}
