import type { CohortDetail } from '@stroma/core/http/cohort';
import { counted } from '../parts/number-label.ts';
import { classColour } from './class-colour.ts';
import classes from './cohorts.module.css';
import { foldsOf } from './folds-of.ts';

/** More slides than this in a fold are drawn as one block a class: single cells would be thinner than a pixel. */
const singleCells = 240;

/** One row a fold, one cell a slide, a gap between patients; coloured by class, counted at the end. */
export function FoldStrip({ cohort }: { cohort: CohortDetail }) {
  const folds = foldsOf(cohort);
  const longest = Math.max(1, ...folds.map((fold) => fold.slides));
  return (
    <figure className={classes.folds}>
      <ul className={classes.legend} aria-label="Classes">
        {cohort.classes.map((name) => (
          <li key={name}>
            <span style={{ background: classColour(cohort.classes, name) }} />
            {name}
          </li>
        ))}
      </ul>
      {folds.map((fold) => (
        <div key={fold.fold} className={classes.fold}>
          <span className="soft">fold {fold.fold}</span>
          <div
            className={classes.cells}
            role="img"
            aria-label={`Fold ${fold.fold}: ${fold.byClass.map(([name, slides]) => `${slides} ${name}`).join(', ')}`}
          >
            <div
              style={{
                width: `${(fold.slides / longest) * 100}%`,
                display: 'flex',
                gap: longest > singleCells ? 0 : 3,
              }}
            >
              {longest > singleCells
                ? fold.byClass.map(([name, slides]) => (
                    <span key={name} style={{ flex: slides, background: classColour(cohort.classes, name) }} />
                  ))
                : fold.patients.map((patient) => (
                    <span
                      key={patient.patientId}
                      className={classes.patient}
                      style={{ flex: patient.labels.length }}
                      title={`patient ${patient.patientId}: ${patient.labels.join(', ')}`}
                    >
                      {patient.labels.map((label, index) => (
                        <span
                          // biome-ignore lint/suspicious/noArrayIndexKey: cells never move
                          key={index}
                          className={classes.cell}
                          style={{ background: classColour(cohort.classes, label) }}
                        />
                      ))}
                    </span>
                  ))}
            </div>
          </div>
          <span className={classes.foldCount}>
            {counted(fold.slides, 'slide')}, {counted(fold.patients.length, 'patient')}
            <span className="soft"> ({fold.byClass.map(([name, slides]) => `${name} ${slides}`).join(', ')})</span>
          </span>
        </div>
      ))}
    </figure>
  );
}
