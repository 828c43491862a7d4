import type { Overview } from '@stroma/core/http/overview';
import { bytesLabel } from '@stroma/core/units';
import type { ReactNode } from 'react';
import { Link } from '../parts/link.tsx';
import { Meter } from '../parts/meter.tsx';
import { count, counted, percent } from '../parts/number-label.ts';
import { State } from '../parts/state.tsx';
import classes from './home.module.css';

/** What there is, each number with its unit and the way to it. */
export function Holdings({ overview: { slides, cohorts, storage } }: { overview: Overview }) {
  const used = storage.diskBytes - storage.freeBytes;
  const share = storage.diskBytes > 0 ? used / storage.diskBytes : 0;
  return (
    <div className={classes.holdings} data-testid="holdings">
      <Card href="/slides" title={counted(slides.total, 'slide')}>
        <State name="ready" text={`${count(slides.ready)} ready`} />
        {slides.scaleOpen > 0 && <State name="attention" text={`${count(slides.scaleOpen)} without a settled scale`} />}
        {slides.arriving > 0 && <State name="running" text={`${counted(slides.arriving, 'upload')} arriving`} />}
      </Card>
      <Card href="/slides" title={counted(slides.crops, 'crop')}>
        <span className="soft">
          from {count(slides.cut)} of {counted(slides.total, 'slide')}
        </span>
      </Card>
      <Card href="/cohorts" title={counted(cohorts.total, 'cohort')}>
        <span className="soft">
          {count(cohorts.slides)} of {counted(slides.total, 'slide')} in at least one
        </span>
      </Card>
      <Card title={`${bytesLabel(storage.freeBytes)} free`}>
        <Meter share={share} label={`${percent(share)} of the disk is used`} />
        <span className="soft">
          {percent(share)} of {bytesLabel(storage.diskBytes)} used; slides {bytesLabel(storage.slideBytes)}, crops{' '}
          {bytesLabel(storage.cropBytes)}, exports {bytesLabel(storage.exportBytes)}
        </span>
      </Card>
    </div>
  );
}

function Card({ title, href, children }: { title: string; href?: string; children: ReactNode }) {
  return (
    <section className={classes.card} aria-label={title}>
      <h2>{href ? <Link href={href}>{title}</Link> : title}</h2>
      {children}
    </section>
  );
}
