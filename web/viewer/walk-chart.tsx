import classes from './walk-chart.module.css';
import type { Line } from './walk-lines.ts';

interface Props {
  title: string;
  lines: readonly Line[];
  /** Value at the bottom and at the top. */
  range: readonly [number, number];
  alpha: number;
  /** Place of a centre on the strip, 0…1, for an alpha. */
  at: (alpha: number) => number;
  flip?: { alpha: number; text: string } | null;
}

/** Lines over the strip: the same axis, so that each point stands above its picture. */
export function WalkChart({ title, lines, range: [low, high], alpha, at, flip = null }: Props) {
  const y = (value: number) => 100 - (100 * (Math.max(low, Math.min(high, value)) - low)) / (high - low);
  const x = (value: number) => 1000 * at(value);
  const last = (line: Line) => [...line.points].sort((a, b) => b.alpha - a.alpha).at(-1);
  const said = lines.flatMap((line) => {
    const [first, end] = [[...line.points].sort((a, b) => b.alpha - a.alpha)[0], last(line)];
    return first && end ? [`${line.name} from ${first.value.toFixed(2)} to ${end.value.toFixed(2)}`] : [];
  });
  return (
    <figure className={classes.chart}>
      <figcaption>
        <span>{title}</span>
        {lines.map((line) => (
          <span key={line.name} className={classes.key}>
            <svg width="22" height="8" aria-hidden="true">
              <path d="M0 4H22" stroke={line.color} strokeWidth="2" strokeDasharray={line.dash} />
            </svg>
            {line.name}
          </span>
        ))}
      </figcaption>
      <div className={classes.area}>
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label={`${title}: ${said.join('; ')}`}>
          {[...new Set([high, (low + high) / 2, 0, low])].map((line) => (
            <path key={line} d={`M0 ${y(line)}H1000`} className={classes.grid} />
          ))}
          <path d={`M${x(alpha)} 0V100`} className={classes.cursor} />
          {flip && <path d={`M${x(flip.alpha)} 0V100`} className={classes.flip} data-testid="walk-flip-mark" />}
          {lines.map((line) => (
            <polyline
              key={line.name}
              data-testid="walk-line"
              data-points={line.points.length}
              points={[...line.points]
                .sort((a, b) => b.alpha - a.alpha)
                .map((point) => `${x(point.alpha)},${y(point.value)}`)
                .join(' ')}
              stroke={line.color}
              strokeDasharray={line.dash}
            />
          ))}
        </svg>
        {lines.map(
          (line) =>
            line.real !== undefined && (
              <span
                key={line.name}
                className={classes.real}
                style={{ top: `${y(line.real)}%`, borderColor: line.color }}
                title={`${line.name}, of the real slide: ${line.real.toFixed(2)}`}
              />
            ),
        )}
        {flip && (
          <span className={classes.flipText} style={{ left: `${100 * at(flip.alpha)}%` }}>
            {flip.text}
          </span>
        )}
        <span className={classes.high}>{high}</span>
        <span className={classes.low}>{low}</span>
      </div>
    </figure>
  );
}
