import type { ExportMessage } from '@stroma/core/http/export';
import { bytesLabel } from '@stroma/core/units';
import { Icon } from '../parts/icon.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';

/** Queued, failed with its reason, or ready with a link to take it. */
export function ExportState({ one, onRetry }: { one: ExportMessage; onRetry?: (() => void) | undefined }) {
  if (one.status === 'queued') return <State name="running" text="being written" />;
  if (one.status === 'failed') {
    return (
      <ProblemView compact problem={one.error ?? { code: 'export', message: 'The export failed.' }} onRetry={onRetry} />
    );
  }
  return (
    <span style={{ display: 'inline-flex', gap: 14, alignItems: 'center', whiteSpace: 'nowrap' }}>
      <a
        href={`/api/exports/${one.id}/download`}
        download
        data-testid="export-download"
        style={{ display: 'inline-flex', gap: 5, alignItems: 'center' }}
      >
        <Icon name="download" size={14} /> Download {one.bytes !== null && bytesLabel(one.bytes)}
      </a>
      <span className="soft">{contents(one)}</span>
    </span>
  );
}

const contents = (one: ExportMessage) =>
  [
    one.slideCount === null ? null : counted(one.slideCount, 'slide'),
    one.cropCount === null ? null : counted(one.cropCount, 'crop'),
  ]
    .filter(Boolean)
    .join(', ');
