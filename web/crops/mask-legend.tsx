import type { TissueMessage } from '@stroma/core/http/tissue';
import { maskClasses } from '@stroma/core/mask-classes';
import { counted, percent } from '../parts/number-label.ts';
import classes from './crops.module.css';
import { maskColour } from './mask-picture.ts';

const word = {
  glass: 'glass',
  tissue: 'tissue',
  pen: 'ink',
  fold: 'folded tissue',
  blurred: 'tissue far out of focus',
  dark: 'black rim',
};

/** What the colours stand for, and how much of the slide each is. */
export function MaskLegend({ mask }: { mask: TissueMessage }) {
  const { shares, unreadableTiles } = mask;
  const none = shares.tissue + shares.fold + shares.blurred === 0;
  return (
    <>
      {none && <p className={classes.none}>No tissue was found on this slide: it gives no crops.</p>}
      <ul className={classes.legend} aria-label="Shares of the slide">
        {maskClasses
          .filter((name) => name === 'tissue' || name === 'glass' || shares[name] > 0)
          .map((name) => (
            <li key={name}>
              <span
                aria-hidden="true"
                style={name === 'glass' ? { border: '1px solid' } : { background: `rgb(${maskColour[name].join()})` }}
              />
              {word[name]} <span className="soft">{percent(shares[name])}</span>
            </li>
          ))}
      </ul>
      {unreadableTiles > 0 && (
        <p className="soft">{counted(unreadableTiles, 'tile')} could not be read and count as glass.</p>
      )}
    </>
  );
}
