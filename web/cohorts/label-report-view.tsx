import type { LabelReport } from '@stroma/core/http/cohort';
import type { CohortDuplicate } from '@stroma/core/http/duplicate';
import type { ReactNode } from 'react';
import { count } from '../parts/number-label.ts';
import { State } from '../parts/state.tsx';
import { likeness } from '../slides/likeness.ts';
import { Thumbnail } from '../slides/thumbnail.tsx';
import { ClassBalance } from './class-balance.tsx';
import classes from './cohorts.module.css';
import { LeakChecks } from './leak-checks.tsx';
import { PreviewMatched } from './preview-matched.tsx';
import { SiteBalance } from './site-balance.tsx';
import { WrittenGrades } from './written-grades.tsx';

const shown = 200;

/** The dry run: what saving would do, row by row. */
export function LabelReportView({
  report,
  onMap,
}: {
  report: LabelReport;
  /** A grade as it is written, and the class that it shall mean. */
  onMap: (written: string, grade: string | null) => void;
}) {
  return (
    <div data-testid="label-report" data-acceptable={report.acceptable}>
      <p className={classes.verdict}>
        {report.acceptable ? (
          <State name="ready" text="This can be saved." />
        ) : (
          <State name="failed" text="This cannot be saved yet." />
        )}
      </p>
      {report.warnings.length > 0 && (
        <ul className={classes.warnings}>
          {report.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {report.grades.length > 0 && <WrittenGrades grades={report.grades} onMap={onMap} />}
      {report.classes.length > 0 && <ClassBalance balance={report.classes} />}
      {report.matched.length > 0 && (
        <SiteBalance sites={report.sites} grades={report.classes.map((one) => one.grade)} />
      )}
      {report.matched.length > 0 && (
        <>
          <h3>Leak checks</h3>
          <LeakChecks report={report} />
        </>
      )}
      {report.matched.length > 0 && <PreviewMatched matched={report.matched} />}
      <Rows
        title="matched"
        about="rows with exactly one slide"
        rows={report.matched}
        cell={(row) => `${row.slideId}: patient ${row.patientId}, ${row.grade ?? 'no grade'}`}
      />
      <Rows
        title="unmapped"
        about="rows without a grade: their slides are trained on, never graded"
        rows={report.matched.filter((row) => row.grade === null)}
        cell={(row) => row.slideId}
        open
      />
      <Rows
        title="unmatched"
        about="rows whose slide was not found"
        rows={report.unmatched}
        cell={(row) => row.slideId}
        open
      />
      <Rows
        title="ambiguous"
        about="rows whose name fits more than one slide"
        rows={report.ambiguous}
        cell={(row) => `${row.slideId}: ${row.slides.join(', ')}`}
        open
      />
      <Rows
        title="duplicate"
        about="rows naming a slide again"
        rows={report.duplicate}
        cell={(row) => `${row.slideId}: already on line ${row.firstLine}`}
        open
      />
      <Rows
        title="possible duplicates"
        about="rows of two slides that may be one slide in two files"
        rows={report.twins}
        cell={(twins) => <TwinRow twins={twins} />}
        open
      />
      <Rows
        title="unlabelled"
        about="ready slides that no row names; they stay out"
        rows={report.unlabelled}
        cell={(row) => row.name}
      />
    </div>
  );
}

function TwinRow({ twins }: { twins: CohortDuplicate }) {
  return (
    <>
      {twins.slides.map((one) => (
        <span key={one.slide} className={classes.twin}>
          <Thumbnail small id={one.slide} name={one.name} />
          <span>
            <span className={classes.lineNumber}>line {one.line}</span> {one.name}{' '}
            <span className="soft">
              patient {one.patientId}
              {one.fold === null ? '' : `, fold ${one.fold}`}
            </span>
          </span>
        </span>
      ))}
      {likeness(twins)},{' '}
      {twins.acrossFolds ? <State name="attention" text="in different folds: a leak" /> : 'in the same fold'}
    </>
  );
}

interface Row {
  slides?: unknown[];
  slideId?: string;
  name?: string;
  line?: number;
}

function Rows<T extends Row>({
  title,
  about,
  rows,
  cell,
  open = false,
}: {
  title: string;
  about: string;
  rows: T[];
  cell: (row: T) => ReactNode;
  open?: boolean;
}) {
  const head = (
    <>
      <span className={classes.rowCount}>{count(rows.length)}</span> {title} <span className="soft">{about}</span>
    </>
  );
  if (rows.length === 0) return <div className={classes.rowsHead}>{head}</div>;
  return (
    <details open={open} className={classes.rows}>
      <summary className={classes.rowsHead}>{head}</summary>
      <ol>
        {rows.slice(0, shown).map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of a report never move
          <li key={index}>
            {row.line !== undefined && <span className={classes.lineNumber}>line {row.line}</span>} {cell(row)}
          </li>
        ))}
        {rows.length > shown && <li className="soft">and {count(rows.length - shown)} more</li>}
      </ol>
    </details>
  );
}
