import { Icon, type IconName } from '../parts/icon.tsx';
import type { SlideStage } from './slide-stage.ts';
import { turnBy } from './stage-keys.ts';
import classes from './viewer.module.css';

interface Props {
  stage: SlideStage | null;
  /** Degrees, clockwise. */
  rotation: number;
  measuring: boolean;
  comparing: boolean;
  panel: boolean;
  onMeasure: () => void;
  onCompare: () => void;
  onKeys: () => void;
  onPanel: () => void;
}

/** Top right: what can be done with the view. */
export function ViewTools(props: Props) {
  const { stage, rotation } = props;
  return (
    <div className={classes.corner} role="toolbar" aria-label="View">
      <Tool icon="turnLeft" label="Turn left" keys="," onClick={() => stage?.rotateBy(-turnBy)} />
      {rotation !== 0 && (
        <button
          type="button"
          className={classes.upright}
          onClick={() => stage?.goTo({ rotation: 0 })}
          aria-label={`Turned by ${rotation}°: set upright`}
          title="Set upright (u)"
          data-testid="upright"
        >
          {rotation}°
        </button>
      )}
      <Tool icon="turnRight" label="Turn right" keys="." onClick={() => stage?.rotateBy(turnBy)} />
      <Tool icon="ruler" label="Measure" keys="m" pressed={props.measuring} onClick={props.onMeasure} />
      <Tool icon="compare" label="Compare" keys="c" pressed={props.comparing} onClick={props.onCompare} />
      <Tool icon="keyboard" label="Keys" keys="?" onClick={props.onKeys} />
      <Tool icon="panel" label="Panel" keys="s" expanded={props.panel} onClick={props.onPanel} />
    </div>
  );
}

function Tool({
  icon,
  label,
  keys,
  pressed,
  expanded,
  onClick,
}: {
  icon: IconName;
  label: string;
  keys: string;
  pressed?: boolean;
  expanded?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      title={`${label} (${keys})`}
    >
      <Icon name={icon} />
    </button>
  );
}
