import type { RunStatus } from '@stroma/core/http/job';
import classes from './state.module.css';

export type StateName = RunStatus | 'ready' | 'waiting' | 'attention' | 'refused';

const word: Record<StateName, string> = {
  queued: 'queued',
  running: 'running',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'stopped',
  ready: 'ready',
  waiting: 'waiting',
  attention: 'needs mpp',
  refused: 'refused',
};

const tone: Record<StateName, string> = {
  queued: 'soft',
  waiting: 'soft',
  cancelled: 'soft',
  running: 'accent',
  succeeded: 'good',
  ready: 'good',
  failed: 'bad',
  refused: 'bad',
  attention: 'warn',
};

/** A state is a shape and a word; its colour only repeats them. */
export function State({ name, text, shapeOnly = false }: { name: StateName; text?: string; shapeOnly?: boolean }) {
  return (
    <span className={classes.state} data-tone={tone[name]}>
      <svg
        width="12"
        height="12"
        viewBox="0 0 12 12"
        aria-hidden="true"
        className={name === 'running' ? classes.turning : undefined}
      >
        <Shape name={name} />
      </svg>
      {shapeOnly ? <span className="hidden">{text ?? word[name]}</span> : (text ?? word[name])}
    </span>
  );
}

function Shape({ name }: { name: StateName }) {
  const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.6, strokeLinecap: 'round' } as const;
  switch (name) {
    case 'queued':
    case 'waiting':
      return <circle cx="6" cy="6" r="4.4" {...line} strokeDasharray="2 2.6" />;
    case 'running':
      return <path d="M6 1.6a4.4 4.4 0 1 1-4.4 4.4" {...line} />;
    case 'succeeded':
    case 'ready':
      return <path d="M2 6.4 5 9.2 10 3.2" {...line} />;
    case 'cancelled':
      return <rect x="2.4" y="2.4" width="7.2" height="7.2" {...line} />;
    case 'attention':
      return <path d="M6 1.6 11 10.4H1zM6 5v2.4M6 9v.1" {...line} strokeWidth={1.2} />;
    default:
      return <path d="M2.6 2.6l6.8 6.8M9.4 2.6 2.6 9.4" {...line} />;
  }
}
