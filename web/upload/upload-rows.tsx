'use client';
import { Button } from '@mantine/core';
import { bytesLabel } from '@stroma/core/units';
import { usePathname } from 'next/navigation';
import { useState } from 'react';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { isSettled } from './found.ts';
import { ServerUnfinishedRows } from './server-unfinished.tsx';
import { byInterest, summary } from './summary.ts';
import type { ServerUnfinished } from './unfinished.ts';
import { UnfinishedRow } from './unfinished-row.tsx';
import type { UploadItem } from './upload-item.ts';
import { dismissUploads } from './upload-queue.ts';
import { UploadRow } from './upload-row.tsx';
import classes from './upload-tray.module.css';
import type { Findings } from './use-findings.ts';
import type { Interrupted } from './use-interrupted.ts';

interface Props {
  items: readonly UploadItem[];
  findings: Findings;
  /** Begun by an earlier visit of this browser. */
  broken: Interrupted[];
  onServer: ServerUnfinished;
  onForget: (key: string) => void;
}

/** Every upload that is under way, unfinished or not yet dismissed, below one line that sums them up. */
export function UploadRows({ items, findings, broken, onServer, onForget }: Props) {
  const { found } = findings;
  const inViewer = /^\/slides\/./.test(usePathname());
  const [folded, setFolded] = useState<boolean | null>(null);
  const open = !(folded ?? (inViewer || items.length === 0));
  const unfinished = broken.length + onServer.groups.length + onServer.waiting.length;
  const foundOf = (item: (typeof items)[number]) => (item.serverId ? found.get(item.serverId) : undefined);
  const settled = items.filter((item) => item.state === 'sent' && isSettled(foundOf(item)));
  return (
    <section className={classes.tray} aria-label="Uploads" data-testid="upload-tray">
      <div className={classes.head}>
        <button type="button" className={classes.fold} aria-expanded={open} onClick={() => setFolded(open)}>
          <Icon name={open ? 'down' : 'up'} size={13} />
          <strong>Uploads</strong>
          <span className="soft">{summary(items, found, unfinished)}</span>
        </button>
        {settled.length > 0 && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            onClick={() => dismissUploads(settled.map((item) => item.key))}
          >
            Dismiss {settled.length} finished
          </Button>
        )}
      </div>
      {open && (
        <ul className={classes.list}>
          {byInterest(items, found).map((item) => (
            <UploadRow key={item.key} item={item} found={foundOf(item)} />
          ))}
          <ServerUnfinishedRows of={onServer} refresh={findings.refresh} />
          {broken.map((one) => (
            <UnfinishedRow
              key={one.key}
              name={one.name}
              figures={bytesLabel(one.bytes)}
              onDiscard={() => onForget(one.key)}
            >
              interrupted, begun <Moment at={one.since} />: add the same file again and it goes on where it stopped
            </UnfinishedRow>
          ))}
        </ul>
      )}
    </section>
  );
}
