import type { UploadGroupMessage, UploadMessage } from '@stroma/core/http/upload';
import { bytesLabel } from '@stroma/core/units';
import { fetchAnswer } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { Moment } from '../parts/moment.tsx';
import { counted } from '../parts/number-label.ts';
import type { ServerUnfinished } from './unfinished.ts';
import { UnfinishedRow } from './unfinished-row.tsx';

export function ServerUnfinishedRows({ of, refresh }: { of: ServerUnfinished; refresh: () => Promise<unknown> }) {
  return (
    <>
      {of.groups.map((group) => (
        <GroupRow key={group.id} group={group} refresh={refresh} />
      ))}
      {of.waiting.map((upload) => (
        <WaitingRow key={upload.id} upload={upload} refresh={refresh} />
      ))}
    </>
  );
}

function GroupRow({ group, refresh }: { group: UploadGroupMessage; refresh: () => Promise<unknown> }) {
  const { run, busy, problem } = useAction(async () => {
    await fetchAnswer(`/api/upload-groups/${group.id}`, { method: 'DELETE' });
    await refresh();
  });
  const { receivedFiles, fileCount, receivedBytes, bytes } = group;
  return (
    <UnfinishedRow
      name={group.name}
      figures={`${receivedFiles} of ${fileCount} files, ${bytesLabel(receivedBytes)} of ${bytesLabel(bytes)}`}
      discardWord={receivedFiles > 0 ? `Discard ${counted(receivedFiles, 'file')}` : 'Discard'}
      busy={busy}
      problem={problem}
      onDiscard={() => void run()}
    >
      begun <Moment at={group.createdAt} />, not whole: add the same files again and it goes on with those that are
      missing
    </UnfinishedRow>
  );
}

function WaitingRow({ upload, refresh }: { upload: UploadMessage; refresh: () => Promise<unknown> }) {
  const { run, busy, problem } = useAction(async () => {
    await fetchAnswer(`/api/uploads/${upload.id}`, { method: 'DELETE', headers: { 'tus-resumable': '1.0.0' } });
    await refresh();
  });
  return (
    <UnfinishedRow
      name={upload.fileName}
      figures={bytesLabel(upload.bytes)}
      discardWord="Discard 1 file"
      busy={busy}
      problem={problem}
      onDiscard={() => void run()}
    >
      {upload.findings[0]?.note ?? 'waits for the rest of its series'}
    </UnfinishedRow>
  );
}
