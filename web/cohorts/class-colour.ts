/** Classes keep one colour on every drawing of a cohort; null is a slide without a label. */
export function classColour(classes: readonly string[], label: string | null): string {
  const index = label === null ? -1 : classes.indexOf(label);
  return index < 0 ? 'var(--line-strong)' : classShade(index);
}

/** The seventh class has the first one's colour. */
export const classShade = (index: number) => `var(--class-${index % 6})`;
