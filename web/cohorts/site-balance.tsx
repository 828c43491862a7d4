import type { LabelReport } from '@stroma/core/http/cohort';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { count } from '../parts/number-label.ts';
import classes from './cohorts.module.css';

type Site = LabelReport['sites'][number];

/** Slides by site and grade: a grade that comes from one site is learnt by its stain. */
export function SiteBalance({ sites, grades }: { sites: LabelReport['sites']; grades: string[] }) {
  if (sites.length === 0) {
    return (
      <p className="soft">
        A column <span className="mono">site</span> in the labels shows here how the grades are spread over sites.
      </p>
    );
  }
  const columns: Column<Site>[] = [
    { title: 'Site', wrap: true, cell: (one) => one.site ?? <span className="soft">not named</span> },
    ...grades.map((grade) => ({
      title: grade,
      number: true,
      cell: (one: Site) => count(one.grades.find((each) => each.grade === grade)?.slides ?? 0),
    })),
    { title: 'Slides', number: true, cell: (one) => count(one.slides) },
    { title: 'Patients', number: true, cell: (one) => count(one.patients) },
  ];
  return (
    <div className={classes.sites}>
      <ListTable label="Site balance" columns={columns} rows={sites} rowKey={(one) => one.site ?? ''} />
    </div>
  );
}
