/**
 * One cell of a CSV. Text that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises: a
 * slide or a class may be named by anybody, and a formula can send what stands beside it elsewhere.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
