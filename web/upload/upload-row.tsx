import { ActionIcon } from '@mantine/core';
import { bytesLabel, durationLabel } from '@stroma/core/units';
import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { Meter } from '../parts/meter.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import { FindingLines } from './finding-lines.tsx';
import { type Found, isSettled } from './found.ts';
import type { UploadItem } from './upload-item.ts';
import { dismissUpload, pauseUpload, resumeUpload } from './upload-queue.ts';
import classes from './upload-tray.module.css';

export function UploadRow({ item, found }: { item: UploadItem; found: Found | undefined }) {
  const isPlain = !found || isOneAnswer(item, found);
  const problem = item.problem ?? (isPlain ? (found?.refusal ?? found?.findings[0]?.problem ?? null) : null);
  const stoppable = item.state === 'sending' || item.state === 'waiting';
  const startable = (item.state === 'paused' || item.state === 'failed') && item.bytes > 0;
  return (
    <li className={classes.row} data-testid="upload-row" data-status={found?.status ?? item.state}>
      <span className={classes.name} title={item.name}>
        {item.name}
      </span>
      <span className={classes.figures}>{figures(item)}</span>
      <span className={classes.course}>
        <Course item={item} found={found} isPlain={isPlain} />
      </span>
      <span className={classes.buttons}>
        {stoppable && <Act icon="pause" label={`Pause ${item.name}`} onClick={() => pauseUpload(item.key)} />}
        {startable && <Act icon="play" label={`Go on with ${item.name}`} onClick={() => resumeUpload(item.key)} />}
        <Act icon="close" label={closeLabel(item)} onClick={() => dismissUpload(item.key)} />
      </span>
      {item.together && <FileList item={item} />}
      {!isPlain && found && isSettled(found) && <FindingLines findings={found.findings} />}
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

/** All that was sent is one slide, or one refusal: it needs no lines of its own. */
function isOneAnswer({ files }: UploadItem, { findings }: Found): boolean {
  const [first, second] = findings;
  if (!first) return true;
  return !second && !first.note && first.kind !== 'left_out' && first.fileCount === files.length;
}

function figures({ together, files, filesSent, state, bytes, bytesSent }: UploadItem): string {
  const isOn = state !== 'sent' && bytesSent > 0;
  const size = isOn ? `${bytesLabel(bytesSent)} of ${bytesLabel(bytes)}` : bytesLabel(bytes);
  if (!together) return size;
  return `${isOn ? `${filesSent} of ${files.length}` : files.length} files, ${size}`;
}

function closeLabel({ name, state, together, filesSent }: UploadItem): string {
  if (state === 'sent') return `Dismiss ${name}`;
  return together && filesSent > 0
    ? `Cancel ${name} and discard the ${filesSent} files that arrived`
    : `Cancel ${name}`;
}

const filesShown = 200;

function FileList({ item: { files } }: { item: UploadItem }) {
  return (
    <details className={classes.files}>
      <summary>Files</summary>
      <ul>
        {files.slice(0, filesShown).map(({ path, bytes }) => (
          <li key={path}>
            {path} <span className="soft">{bytesLabel(bytes)}</span>
          </li>
        ))}
        {files.length > filesShown && <li className="soft">and {files.length - filesShown} more</li>}
      </ul>
    </details>
  );
}

function Course({ item, found, isPlain }: { item: UploadItem; found: Found | undefined; isPlain: boolean }) {
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
  if (!found || !isSettled(found))
    return (
      <State name="running" text={`all bytes arrived; ${item.together ? 'looking for slides' : 'reading the slide'}`} />
    );
  const [finding] = found.findings;
  if (!isPlain) return <span className="soft">{resultLabel(found)}</span>;
  if (found.status === 'refused') return <State name="refused" />;
  if (found.status === 'waiting') return <State name="waiting" text="waiting for the rest of its series" />;
  return (
    <>
      <State name="ready" text={finding?.duplicate ? 'already known: same bytes' : 'registered'} />
      {finding?.slideId && <Link href={`/slides/${finding.slideId}`}>open</Link>}
    </>
  );
}

/** `2 slides, 1 refused, 3 files left out` */
function resultLabel({ findings }: Found): string {
  const of = (kind: string) => findings.filter((finding) => finding.kind === kind);
  const leftOut = of('left_out').reduce((sum, finding) => sum + finding.fileCount, 0);
  const parts = [`${of('slide').length} ${of('slide').length === 1 ? 'slide' : 'slides'} found`];
  if (of('refused').length > 0) parts.push(`${of('refused').length} refused`);
  if (of('waiting').length > 0) parts.push(`${of('waiting').length} waiting`);
  if (leftOut > 0) parts.push(`${leftOut} ${leftOut === 1 ? 'file' : 'files'} left out`);
  return parts.join(', ');
}

function Act({ icon, label, onClick }: { icon: 'pause' | 'play' | 'close'; label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={13} />
    </ActionIcon>
  );
}
