import { ActionIcon, Button } from '@mantine/core';
import type { Problem } from '@stroma/core/errors';
import type { ReactNode } from 'react';
import { Icon } from '../parts/icon.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './upload-tray.module.css';

interface UnfinishedRowProps {
  name: string;
  figures: string;
  children: ReactNode;
  /** Says by number what is lost; without it only this browser's memory of the upload goes. */
  discardWord?: string;
  busy?: boolean;
  problem?: Problem | null;
  onDiscard: () => void;
}

/** Something that was begun and is not whole: how far it came, how it goes on, and a way to be rid of it. */
export function UnfinishedRow({ name, figures, children, discardWord, busy, problem, onDiscard }: UnfinishedRowProps) {
  return (
    <li className={classes.row} data-testid="unfinished-row">
      <span className={classes.name} title={name}>
        {name}
      </span>
      <span className={classes.figures}>{figures}</span>
      <span className={classes.course}>
        <span className="soft">{children}</span>
      </span>
      <span className={classes.buttons}>
        {discardWord ? (
          <Button variant="default" size="compact-xs" loading={busy ?? false} onClick={onDiscard}>
            {discardWord}
          </Button>
        ) : (
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Forget ${name}`} onClick={onDiscard}>
            <Icon name="close" size={13} />
          </ActionIcon>
        )}
      </span>
      {problem && (
        <div className={classes.problem}>
          <ProblemView compact problem={problem} />
        </div>
      )}
    </li>
  );
}
