import { counted, percent } from '../parts/number-label.ts';
import { Scroll } from '../parts/scroll.tsx';
import classes from './comparison.module.css';
import type { Side } from './sides.ts';

/** Slides by label and grade; a cell's shade is its share of the label's slides. */
export function Confusion({ names, side }: { names: string[]; side: Side }) {
  const { confusion, slides } = side.grades;
  return (
    <figure className={classes.figure}>
      <figcaption>
        {side.word} <span className="soft">{counted(slides, 'slide')}, by label in rows and by grade in columns</span>
      </figcaption>
      <Scroll label={`Confusion matrix of ${side.word}`} className={classes.scroll}>
        <table className={classes.confusion} data-testid={`confusion-${side.encoder}`}>
          <thead>
            <tr>
              <td />
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              <th scope="col">all</th>
            </tr>
          </thead>
          <tbody>
            {names.map((label, row) => {
              const counts = confusion[row] ?? [];
              const total = counts.reduce((sum, count) => sum + count, 0);
              return (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {names.map((grade, column) => {
                    const count = counts[column] ?? 0;
                    const share = total > 0 ? count / total : 0;
                    return (
                      <td
                        key={grade}
                        data-right={row === column || undefined}
                        title={`${counted(count, 'slide')} labelled ${label} and graded ${grade}`}
                        style={{
                          background: `color-mix(in srgb, var(--accent) ${Math.round(share * 45)}%, transparent)`,
                        }}
                      >
                        {count} <span className="soft">{total > 0 && count > 0 && percent(share)}</span>
                      </td>
                    );
                  })}
                  <td className="soft">{total > 0 ? total : 'no slide'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </figure>
  );
}
