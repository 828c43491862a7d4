import type { CohortLeaks } from '@stroma/core/http/cohort';
import type { CohortDuplicate } from '@stroma/core/http/duplicate';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { Section } from '../parts/page.tsx';
import { State } from '../parts/state.tsx';
import { likeness } from '../slides/likeness.ts';
import { Thumbnail } from '../slides/thumbnail.tsx';
import classes from './cohorts.module.css';
import { LeakChecks } from './leak-checks.tsx';
import { SiteBalance } from './site-balance.tsx';

const shown = 50;

/** A saved cohort's leaks, and what to do about each: it stays as it is, so the cure is another cohort. */
export function CohortLeaksView({ id, grades }: { id: number; grades: string[] }) {
  const checks = useJson<CohortLeaks>(`/api/cohorts/${id}/leak-checks`);
  return (
    <Section title="Leak checks">
      <Answer of={checks} what="the leak checks">
        {({ warnings, twins, sites, ...rest }) => (
          <>
            <LeakChecks report={{ twins, ...rest }} />
            {twins.length > 0 && <Twins twins={twins} />}
            {warnings.length > 0 && (
              <ul className={classes.warnings}>
                {warnings.map((warning) => (
                  <li key={warning}>{warning}</li>
                ))}
              </ul>
            )}
            {sites.length > 0 && <SiteBalance sites={sites} grades={grades} />}
          </>
        )}
      </Answer>
    </Section>
  );
}

function Twins({ twins }: { twins: CohortDuplicate[] }) {
  return (
    <>
      <p className={classes.remedy}>
        Look at both slides of a pair. If they are one slide, <Link href="/cohorts/new">make another cohort</Link> whose
        labels give both the same patient, or leave one of them out, and start its job anew; a saved cohort is never
        changed.
      </p>
      <ul className={classes.twins} data-testid="twins">
        {twins.slice(0, shown).map((pair) => (
          <li key={pair.slides.map(({ slide }) => slide).join()}>
            {pair.slides.map(({ slide, name, patientId, fold }) => (
              <div key={slide}>
                <Link href={`/slides/${slide}`} title={name}>
                  <Thumbnail id={slide} name={name} />
                  <span className={classes.className}>{name}</span>
                </Link>
                <div>
                  patient {patientId}, fold {fold}
                </div>
              </div>
            ))}
            <div>
              {pair.acrossFolds ? (
                <State name="attention" text="in different folds: a leak" />
              ) : (
                <span className="soft">in the same fold: it counts twice</span>
              )}
              <div className="soft">{likeness(pair)}</div>
            </div>
          </li>
        ))}
      </ul>
      {twins.length > shown && <p className="soft">and {counted(twins.length - shown, 'pair')} more</p>}
    </>
  );
}
