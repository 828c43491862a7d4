import { useState } from 'react';
import { Scroll } from '../parts/scroll.tsx';
import classes from './comparison.module.css';

/** A drawing's numbers as text, written when somebody asks for them. */
export function NumbersTable({
  label,
  titles,
  rows,
}: {
  label: string;
  titles: string[];
  rows: (string | number)[][];
}) {
  const [open, setOpen] = useState(false);
  return (
    <details className={classes.numbers} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Numbers</summary>
      {open && (
        <Scroll label={label}>
          <table aria-label={label}>
            <thead>
              <tr>
                {titles.map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.join()}>
                  {row.map((cell, index) => (
                    <td key={titles[index]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </details>
  );
}
