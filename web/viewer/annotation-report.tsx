import type { AnnotationImportReport } from '@stroma/core/http/annotation';
import { count, counted } from '../parts/number-label.ts';
import classes from './annotations.module.css';

/** What of a file fits the slide and what does not, feature by feature. */
export function AnnotationReport({ report }: { report: AnnotationImportReport }) {
  const { features, added, replaced, kept, refused, refusals, leftOut } = report;
  return (
    <div data-testid="annotation-report" data-added={added} data-refused={refused}>
      <p>
        {counted(features, 'feature')}: <strong>{count(added)} new</strong>, {count(replaced)} replaced, {count(kept)}{' '}
        here already, {count(refused)} refused.
      </p>
      {leftOut.length > 0 && (
        <p className="soft">
          Not kept: {leftOut.map(({ what, features: of }) => `${what} of ${counted(of, 'feature')}`).join(', ')}.
        </p>
      )}
      {refusals.length > 0 && (
        <>
          <p style={{ marginBottom: 0 }}>
            Refused{refused > refusals.length ? `, the first ${refusals.length}` : ''}; features are counted from 0:
          </p>
          <ul className={classes.refusals}>
            {refusals.map(({ index, name, problem }) => (
              <li key={index}>
                feature {index}
                {name && ` “${name}”`}: {problem.message}{' '}
                <span className="soft">
                  {problem.found && `Found ${problem.found}`}
                  {problem.expected && `, expected ${problem.expected}.`} {problem.remedy}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
