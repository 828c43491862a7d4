import type { ReactNode } from 'react';
import classes from './page.module.css';

/** A page's frame: title, what it is about, and the acts on the right. */
export function Page({
  title,
  about,
  acts,
  children,
}: {
  title: ReactNode;
  about?: ReactNode;
  acts?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div>
          <h1>{title}</h1>
          {about && <div className={classes.about}>{about}</div>}
        </div>
        {acts && <div className={classes.acts}>{acts}</div>}
      </header>
      {children}
    </div>
  );
}

export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
