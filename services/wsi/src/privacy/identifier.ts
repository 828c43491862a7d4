/** What a de-identified copy of a slide does with a kind of identifier. */
export type OnDownload = 'removed' | 'blanked' | 'replaced';

/** A place where a slide file names a person, a case, a device or a moment. */
export interface Identifier {
  /** Stable; what is stored and told, never the value. */
  kind: string;
  name: string;
  /** The kind of file or header it lives in. */
  format: string;
  /** Tag, key, attribute or element there. */
  at: string;
  onDownload: OnDownload;
  /** Why it counts as identifying. */
  source: string;
  /** A picture of the glass slide, its label or its box rather than of tissue. */
  image?: true;
}

/** One kind that a slide file holds. The value itself is never kept, only what it looks like. */
export interface Finding {
  kind: string;
  /** Where in the file, in words without any of its text. */
  where: string;
  /** How often. */
  occurrences: number;
  /** E.g. `12 characters, digits`; null where there is nothing to count. */
  hint: string | null;
}

/** What a text looks like, without any of it. */
export function maskedHint(value: string): string | null {
  const text = value.trim();
  if (text === '') return null;
  const looks = [
    [/\d/, 'digits'],
    [/\p{L}/u, 'letters'],
    [/[^\p{L}\d]/u, 'signs'],
  ] as const;
  const found = looks.filter(([pattern]) => pattern.test(text)).map(([, word]) => word);
  return `${text.length} character${text.length === 1 ? '' : 's'}, ${found.join(', ')}`;
}

/** Collects findings: one a kind, with the first place and how often it was met. */
export class Findings {
  readonly #found = new Map<string, Finding>();

  add(kind: string, where: string, hint: string | null = null): void {
    const known = this.#found.get(kind);
    if (known) known.occurrences += 1;
    else this.#found.set(kind, { kind, where, occurrences: 1, hint });
  }

  /** A text that is empty says nothing about anybody. */
  addText(kind: string, where: string, value: string): void {
    const hint = maskedHint(value);
    if (hint) this.add(kind, where, hint);
  }

  list(): Finding[] {
    return [...this.#found.values()].sort((a, b) => a.kind.localeCompare(b.kind));
  }
}
