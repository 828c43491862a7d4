import { useId } from 'react';
import classes from './choice.module.css';
import { Icon } from './icon.tsx';

export interface ChoiceOption {
  value: string;
  label: string;
}

/** One of a few: the browser's own list, which works by keyboard, by touch and for screen readers without script. */
export function Choice({
  label,
  hideLabel = false,
  anything,
  options,
  value,
  onChange,
  width,
  testId,
}: {
  label: string;
  /** The label is then read out only. */
  hideLabel?: boolean;
  /** Words of the first line, which stands for no choice; absent where one has to be made. */
  anything?: string;
  options: readonly ChoiceOption[];
  value: string | null;
  onChange: (value: string | null) => void;
  width?: number;
  testId?: string;
}) {
  const id = useId();
  return (
    <div className={classes.choice} style={{ width }}>
      <label htmlFor={id} className={hideLabel ? 'hidden' : classes.label}>
        {label}
      </label>
      <div className={classes.field}>
        <select
          id={id}
          value={value ?? ''}
          onChange={(event) => onChange(event.currentTarget.value || null)}
          data-testid={testId}
        >
          {anything && <option value="">{anything}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" size={12} />
      </div>
    </div>
  );
}
