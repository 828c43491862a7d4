import type { ModelDetail } from '@stroma/core/http/model';
import { durationLabel } from '@stroma/core/units';
import type { ReactNode } from 'react';
import { Moment } from '../parts/moment.tsx';
import { counted } from '../parts/number-label.ts';
import { Scroll } from '../parts/scroll.tsx';
import { basisLabel, measuredLabel, measureLabel, parityLabel, trainedOn } from './model-words.ts';
import classes from './models.module.css';

/** What a person has to know before using the model: of what, by what, how well, on what. */
export function ModelCard({ model }: { model: ModelDetail }) {
  const basis = basisLabel(model.measuredOn);
  const rows: [string, ReactNode][] = [
    ['Trained on', trainedOn(model)],
    ['Preset and seed', `${model.preset}, seed ${model.seed}`],
    [
      'Code',
      <span key="code" className="mono">
        {model.codeRevision ?? 'unknown'}
      </span>,
    ],
    ['Finished', <Moment key="moment" at={model.createdAt} />],
    ...(model.seconds === null ? [] : ([['Took', durationLabel(model.seconds)]] as [string, ReactNode][])),
    ['Networks', model.networks === 1 ? '1' : `${model.networks}, one a fold and seed`],
    ['Largest difference of the exported networks', parityLabel(model.parity)],
    ...Object.entries(model.losses).map(([name, [first, last]]): [string, ReactNode] => [
      `Loss, ${name.replaceAll('_', ' ')}`,
      `${first.toFixed(3)} → ${last.toFixed(3)}`,
    ]),
  ];
  return (
    <div className={classes.card} data-testid="model-card">
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {model.measures.length > 0 && (
        <div>
          <h3>
            Measures <span className="soft">{basis}</span>
          </h3>
          <dl>
            {model.measures.map((one) => (
              <div key={one.name}>
                <dt>{measureLabel(one.name)}</dt>
                <dd>{measuredLabel(one)}</dd>
              </div>
            ))}
          </dl>
          {model.kind === 'abmil' && (
            <p className="soft">
              On slides that the fold’s model never saw; in brackets the 95 % interval over resampled patients.
            </p>
          )}
        </div>
      )}
      {model.cards.map(({ fold, sha256, card }) => (
        <details key={sha256}>
          <summary>
            Card of {fold === null ? 'the network' : `fold ${fold}`}{' '}
            <span className="mono soft">{sha256.slice(0, 12)}</span>
          </summary>
          <Scroll label={`Card of ${fold === null ? 'the network' : `fold ${fold}`}`}>
            <pre>{JSON.stringify(card, null, 2)}</pre>
          </Scroll>
        </details>
      ))}
      {model.cards.length === 0 && <p className="soft">{counted(0, 'network')}</p>}
    </div>
  );
}
