import type { LabelReport } from '@stroma/core/http/cohort';
import { counted } from '../parts/number-label.ts';
import { classColour } from './class-colour.ts';
import classes from './cohorts.module.css';

/** Slides and patients by class as bars from a common zero. */
export function ClassBalance({ balance }: { balance: LabelReport['classes'] }) {
  const most = Math.max(1, ...balance.map((one) => one.slides));
  const names = balance.map((one) => one.grade);
  return (
    <ul className={classes.balance} aria-label="Class balance">
      {balance.map((one) => (
        <li key={one.grade}>
          <span className={classes.className} title={one.grade}>
            {one.grade}
          </span>
          <span className={classes.track}>
            <span style={{ width: `${(one.slides / most) * 100}%`, background: classColour(names, one.grade) }} />
          </span>
          <span>
            {counted(one.slides, 'slide')}, <span className="soft">{counted(one.patients, 'patient')}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
