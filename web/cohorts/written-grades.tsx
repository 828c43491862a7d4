import type { LabelReport } from '@stroma/core/http/cohort';
import { Choice } from '../parts/choice.tsx';
import { count, counted } from '../parts/number-label.ts';
import classes from './cohorts.module.css';

const shown = 60;
const itself = 'is a class of its own';
const none = 'means no grade';

/** Each grade as the labels write it, and the class it means: two spellings of one class are brought together here. */
export function WrittenGrades({
  grades,
  onMap,
}: {
  grades: LabelReport['grades'];
  onMap: (written: string, grade: string | null) => void;
}) {
  const isOdd = grades.some((one) => one.alike.length > 0 || one.grade !== one.written);
  return (
    <details className={classes.rows} open={isOdd} data-testid="written-grades">
      <summary className={classes.rowsHead}>
        <span className={classes.rowCount}>{count(grades.length)}</span> {grades.length === 1 ? 'grade' : 'grades'} as
        written <span className="soft">and the class that each means</span>
      </summary>
      <ol>
        {grades
          .slice(0, shown)

          .map(({ written, slides, grade, alike }) => (
            <li key={written} className={classes.written}>
              <span>
                “{written}” <span className="soft">{counted(slides, 'slide')}</span>
                {alike.length > 0 && (
                  <span className={classes.alike}> is written like {alike.map(quoted).join(', ')}</span>
                )}
              </span>
              <Choice
                label={`Class that “${written}” means`}
                hideLabel
                options={[
                  { value: written, label: itself },
                  ...grades
                    .filter((other) => other.written !== written && [other.grade, grade].includes(other.written))
                    .map((other) => ({ value: other.written, label: `means ${other.written}` })),
                  { value: '', label: none },
                ]}
                value={grade}
                onChange={(value) => onMap(written, value)}
                width={190}
              />
            </li>
          ))}
        {grades.length > shown && <li className="soft">and {count(grades.length - shown)} more</li>}
      </ol>
    </details>
  );
}

const quoted = (grade: string) => `“${grade}”`;
