import { StromaError } from '@stroma/core/errors';
import { type CsvError, parse } from 'csv-parse/sync';

export interface LabelRow {
  /** Line of the file at which the row ends; 1 is the header. */
  line: number;
  slideId: string;
  patientId: string;
  /** Null where the slide is a member without a label. */
  grade: string | null;
  /** Null where the column is absent or empty. */
  site: string | null;
}

const columns = ['slide_id', 'patient_id', 'grade'] as const;
/** May be there; other columns are not looked at. */
const optional = 'site';
const delimiters = [',', ';', '\t'] as const;

/** Reads what spreadsheets write: with or without BOM, LF or CRLF, separated by comma, semicolon or tab. */
export function parseLabels(csv: string): LabelRow[] {
  const records = readRecords(csv);
  const header = records[0]?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) throw headerProblem(missing, records[0]?.cells ?? []);
  const at = (cells: string[], column: (typeof columns)[number] | typeof optional) =>
    cells[header.indexOf(column)] ?? '';
  return records.slice(1).map(({ cells, line }) => ({
    line,
    slideId: at(cells, 'slide_id'),
    patientId: at(cells, 'patient_id'),
    grade: at(cells, 'grade') || null,
    site: at(cells, optional) || null,
  }));
}

function readRecords(csv: string): { cells: string[]; line: number }[] {
  const firstLine = /^[^\r\n]*/.exec(csv)?.[0] ?? '';
  const count = (delimiter: string) => firstLine.split(delimiter).length;
  const delimiter = delimiters.reduce((best, each) => (count(each) > count(best) ? each : best));
  try {
    const rows = parse(csv, {
      bom: true,
      delimiter,
      info: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return rows.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    const { message, lines } = error as CsvError & { lines?: number };
    throw new StromaError({
      code: 'labels.csv',
      message: 'The labels cannot be read as CSV.',
      expected: 'rows of cells, quotes closed',
      found: message,
      where: lines ? `line ${lines}` : 'labelsCsv',
      remedy: 'Save the table as CSV again, with UTF-8 text.',
    });
  }
}

function headerProblem(missing: readonly string[], found: readonly string[]): StromaError {
  return new StromaError({
    code: 'labels.header',
    message: `The labels lack the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`,
    expected: `the columns ${columns.join(', ')}`,
    found: found.length > 0 ? found.join(', ') : 'nothing',
    where: 'line 1',
    remedy: 'Name the columns in the first line of the file.',
  });
}
