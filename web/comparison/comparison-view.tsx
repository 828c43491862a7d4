import type { JobComparison } from '@stroma/core/http/comparison';
import { useMemo } from 'react';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { Section } from '../parts/page.tsx';
import { Abstaining } from './abstaining.tsx';
import classes from './comparison.module.css';
import { Confusion } from './confusion.tsx';
import { Disagreements } from './disagreements.tsx';
import { EachModel } from './each-model.tsx';
import { MetricTable } from './metric-table.tsx';
import { ReliabilityChart } from './reliability-chart.tsx';
import { RocChart } from './roc-chart.tsx';
import { sidesOf } from './sides.ts';
import { SlideResults } from './slide-results.tsx';
import { stateWords } from './words.ts';

/** Everything that is known of both, or of one alone, or why there is nothing yet. */
export function ComparisonView({ data }: { data: JobComparison }) {
  const sides = useMemo(() => sidesOf(data), [data]);
  if (data.labelledSlides === 0) {
    return (
      <Empty title="No slide of the cohort has a label">
        Grades are judged by labels. <Link href="/cohorts/new">Make a cohort</Link> whose table gives some.
      </Empty>
    );
  }
  const states = [
    { word: 'DINO', state: data.dino.state },
    { word: 'Gen-DINO', state: data.genDino.state },
  ].filter((one) => one.state !== 'ready');
  const missing = states.map((one) => `${one.word} ${stateWords[one.state]}.`).join(' ');
  if (sides.length === 0) {
    return (
      <Empty title="Nothing to compare yet">
        {missing} <Link href={`/jobs/${data.jobId}`}>The job</Link> shows how far it is.
      </Empty>
    );
  }
  return (
    <>
      {missing && (
        <p className={classes.notice} role="status">
          {missing} What follows is of {sides.map((side) => side.word).join()} alone.
        </p>
      )}
      <Section title="How good the grades are">
        <MetricTable data={data} sides={sides} />
      </Section>
      <Section title="ROC, one class against the rest">
        <div className={classes.sides}>
          {sides.map((side) => (
            <RocChart key={side.encoder} data={data} side={side} />
          ))}
        </div>
      </Section>
      <Section title="Which grades are mistaken for which">
        <div className={classes.sides}>
          {sides.map((side) => (
            <Confusion key={side.encoder} names={data.classes} side={side} />
          ))}
        </div>
      </Section>
      <Section title="Reliability: whether 80 % means 80 %">
        <div className={classes.sides}>
          {sides.map((side) => (
            <ReliabilityChart key={side.encoder} side={side} />
          ))}
        </div>
      </Section>
      <Section title="Abstaining when unsure">
        <Abstaining sides={sides} />
      </Section>
      <Section title="Each model on its own fold">
        <EachModel sides={sides} />
      </Section>
      {sides.length === 2 && <Disagreements data={data} />}
      <SlideResults data={data} sides={sides} />
    </>
  );
}
