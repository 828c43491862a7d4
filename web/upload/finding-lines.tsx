import type { UploadFinding } from '@stroma/core/http/upload';
import { bytesLabel } from '@stroma/core/units';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import classes from './upload-tray.module.css';

/** What was found in an upload, a line each: slides, what was refused, what is no slide. */
export function FindingLines({ findings }: { findings: readonly UploadFinding[] }) {
  return (
    <ul className={classes.findings} data-testid="upload-findings">
      {findings.map((finding) => (
        <li key={`${finding.kind} ${finding.name} ${finding.files[0]}`} data-kind={finding.kind}>
          <FindingState finding={finding} />
          <span className={classes.findingName} title={finding.name}>
            {finding.kind === 'left_out' ? <Paths finding={finding} /> : finding.name}
          </span>
          <span className="soft">
            {finding.kind === 'left_out' ? finding.name : `${counted(finding.fileCount, 'file')}, `}
            {finding.kind !== 'left_out' && bytesLabel(finding.bytes)}
          </span>
          {finding.slideId && <Link href={`/slides/${finding.slideId}`}>open</Link>}
          {finding.note && <span className={classes.note}>{finding.note}</span>}
          {finding.problem && (
            <div className={classes.note}>
              <ProblemView compact problem={finding.problem} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function FindingState({ finding: { kind, duplicate } }: { finding: UploadFinding }) {
  if (kind === 'slide') return <State name="ready" text={duplicate ? 'already known: same bytes' : 'registered'} />;
  if (kind === 'refused') return <State name="refused" />;
  if (kind === 'waiting') return <State name="waiting" text="waiting for the rest of its series" />;
  return <State name="cancelled" text="left out" />;
}

const shown = 3;

function Paths({ finding: { files, fileCount } }: { finding: UploadFinding }) {
  const more = fileCount - Math.min(files.length, shown);
  return (
    <span title={files.join('\n')}>
      {files.slice(0, shown).join(', ')}
      {more > 0 && ` and ${more} more`}
    </span>
  );
}
