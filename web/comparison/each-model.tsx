import type { GradeMetric } from '@stroma/core/contract/grade-evaluation';
import { counted } from '../parts/number-label.ts';
import { Scroll } from '../parts/scroll.tsx';
import classes from './comparison.module.css';
import { NumbersTable } from './numbers-table.tsx';
import type { Side } from './sides.ts';
import { metricWords, two } from './words.ts';

/** Mean and deviation over the models, as published tables give them; every model on request. */
export function EachModel({ sides }: { sides: Side[] }) {
  return (
    <>
      <Scroll label="Mean and deviation over the models" className={classes.scroll}>
        <table className={classes.table} data-testid="each-model">
          <thead>
            <tr>
              <th scope="col">Mean ± deviation</th>
              {sides.map(({ encoder, word, grades }) => (
                <th key={encoder} scope="col">
                  {word}
                  <div className="soft">{counted(grades.models.length, 'model')}</div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {metricWords.map(([metric, word]) => (
              <tr key={metric}>
                <th scope="row">{word}</th>
                {sides.map((side) => (
                  <td key={side.encoder}>{meanWord(side, metric)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p className="soft">
        A fold’s models share slides with the others’, so this deviation is no interval; the one above is.
      </p>
      <NumbersTable
        label="Each model on its own fold"
        titles={['encoder', 'fold', 'seed', 'slides', ...metricWords.map(([, word]) => word)]}
        rows={sides.flatMap(({ word, grades }) =>
          grades.models.map((model) => [
            word,
            model.fold,
            model.seed_ix,
            model.n_slides,
            ...metricWords.map(([metric]) => (model[metric] === null ? 'not defined' : model[metric].toFixed(3))),
          ]),
        )}
      />
    </>
  );
}

function meanWord({ grades }: Side, metric: GradeMetric): string {
  const values = grades.models.map((model) => model[metric]).filter((value) => value !== null);
  if (values.length === 0) return 'not defined in any fold';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? ` ± ${two(Math.sqrt(squares / (values.length - 1)))}` : '';
  const undefinedIn = grades.models.length - values.length;
  return `${two(mean)}${deviation}${undefinedIn > 0 ? `, not defined in ${undefinedIn} of ${grades.models.length}` : ''}`;
}
