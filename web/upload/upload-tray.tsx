'use client';
import { ActionIcon, Button } from '@mantine/core';
import { bytesLabel } from '@stroma/core/units';
import { usePathname } from 'next/navigation';
import { useState } from 'react';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { byInterest, summary } from './summary.ts';
import { dismissUploads, useUploads } from './upload-queue.ts';
import { UploadRow } from './upload-row.tsx';
import classes from './upload-tray.module.css';
import { useFindings } from './use-findings.ts';
import { useInterrupted } from './use-interrupted.ts';

/** Stands below every page while there is something to watch. */
export function UploadTray() {
  const items = useUploads();
  const found = useFindings(items);
  const [interrupted, forget] = useInterrupted();
  const inViewer = /^\/slides\/./.test(usePathname());
  const [folded, setFolded] = useState<boolean | null>(null);
  const open = !(folded ?? (inViewer || items.length === 0));
  const unfinished = interrupted.filter(
    (one) => !items.some((item) => item.name === one.name && item.bytes === one.bytes),
  );
  if (items.length === 0 && unfinished.length === 0) return null;

  const settled = items.filter(
    (item) => item.state === 'sent' && ['registered', 'refused'].includes(found.get(item.uploadId ?? '')?.status ?? ''),
  );
  return (
    <section className={classes.tray} aria-label="Uploads" data-testid="upload-tray">
      <div className={classes.head}>
        <button type="button" className={classes.fold} aria-expanded={open} onClick={() => setFolded(open)}>
          <Icon name={open ? 'down' : 'up'} size={13} />
          <strong>Uploads</strong>
          <span className="soft">{summary(items, found, unfinished.length)}</span>
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
            <UploadRow key={item.key} item={item} found={item.uploadId ? found.get(item.uploadId) : undefined} />
          ))}
          {unfinished.map((one) => (
            <li key={one.key} className={classes.row}>
              <span className={classes.name}>{one.name}</span>
              <span className={classes.figures}>{bytesLabel(one.bytes)}</span>
              <span className={classes.course}>
                <span className="soft">
                  interrupted, begun <Moment at={one.since} />: add the same file again and it goes on where it stopped
                </span>
              </span>
              <span className={classes.buttons}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`Forget ${one.name}`}
                  onClick={() => forget(one.key)}
                >
                  <Icon name="close" size={13} />
                </ActionIcon>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
