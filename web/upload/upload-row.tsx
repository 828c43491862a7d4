import { ActionIcon } from '@mantine/core';
import type { UploadMessage } from '@stroma/core/http/upload';
import { bytesLabel, durationLabel } from '@stroma/core/units';
import Link from 'next/link';
import { Icon } from '../parts/icon.tsx';
import { Meter } from '../parts/meter.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import type { UploadItem } from './upload-item.ts';
import { dismissUpload, pauseUpload, resumeUpload } from './upload-queue.ts';
import classes from './upload-tray.module.css';

export function UploadRow({ item, found }: { item: UploadItem; found: UploadMessage | undefined }) {
  const problem = item.problem ?? found?.refusal ?? null;
  const stoppable = item.state === 'sending' || item.state === 'waiting';
  const startable = (item.state === 'paused' || item.state === 'failed') && item.bytes > 0;
  return (
    <li className={classes.row} data-testid="upload-row" data-status={found?.status ?? item.state}>
      <span className={classes.name} title={item.name}>
        {item.name}
      </span>
      <span className={classes.figures}>
        {item.state === 'sent' || item.bytesSent === 0
          ? bytesLabel(item.bytes)
          : `${bytesLabel(item.bytesSent)} of ${bytesLabel(item.bytes)}`}
      </span>
      <span className={classes.course}>
        <Course item={item} found={found} />
      </span>
      <span className={classes.buttons}>
        {stoppable && <Act icon="pause" label={`Pause ${item.name}`} onClick={() => pauseUpload(item.key)} />}
        {startable && <Act icon="play" label={`Go on with ${item.name}`} onClick={() => resumeUpload(item.key)} />}
        <Act
          icon="close"
          label={item.state === 'sent' ? `Dismiss ${item.name}` : `Cancel ${item.name}`}
          onClick={() => dismissUpload(item.key)}
        />
      </span>
      {problem && (
        <div className={classes.problem}>
          <ProblemView
            compact
            problem={problem}
            onRetry={item.state === 'failed' && item.bytes > 0 ? () => resumeUpload(item.key) : undefined}
          />
        </div>
      )}
    </li>
  );
}

function Course({ item, found }: { item: UploadItem; found: UploadMessage | undefined }) {
  if (item.state === 'sending') {
    const share = item.bytes > 0 ? item.bytesSent / item.bytes : 0;
    const left = item.rate > 0 ? durationLabel((item.bytes - item.bytesSent) / item.rate) : '–';
    return (
      <>
        <span className={classes.meter}>
          <Meter share={share} label={`${item.name}: sent`} />
        </span>
        <span>{`${Math.floor(share * 100)} %`}</span>
        <span className="soft">{item.rate > 0 ? `${bytesLabel(item.rate)}/s, ${left} left` : 'starting'}</span>
        {item.resumedAt > 0 && <span className="soft">went on from {bytesLabel(item.resumedAt)}</span>}
      </>
    );
  }
  if (item.state === 'waiting') return <State name="waiting" text="waiting for its turn" />;
  if (item.state === 'paused')
    return <State name="cancelled" text={`paused at ${Math.floor((item.bytesSent / item.bytes) * 100)} %`} />;
  if (item.state === 'failed') return <State name="failed" />;
  if (!found || found.status === 'receiving' || found.status === 'reading')
    return <State name="running" text="all bytes arrived; reading the slide" />;
  if (found.status === 'refused') return <State name="refused" />;
  return (
    <>
      <State name="ready" text={found.duplicate ? 'already known: same bytes' : 'registered'} />
      {found.slideId && <Link href={`/slides/${found.slideId}`}>open</Link>}
    </>
  );
}

function Act({ icon, label, onClick }: { icon: 'pause' | 'play' | 'close'; label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={13} />
    </ActionIcon>
  );
}
