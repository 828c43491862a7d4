import type { Problem } from '@stroma/core/errors';
import type { UploadFinding, UploadGroupMessage, UploadMessage } from '@stroma/core/http/upload';
import type { findingsOf } from '@stroma/db/upload-findings';
import type { listGroups } from '@stroma/db/upload-groups';
import type { UploadRow } from '@stroma/db/uploads';

type FindingRow = Awaited<ReturnType<typeof findingsOf>>[number];
type GroupRow = Awaited<ReturnType<typeof listGroups>>[number];

export function uploadMessage(row: UploadRow, findings: readonly FindingRow[], userId: string): UploadMessage {
  const slides = findings.filter((finding) => finding.kind === 'slide');
  return {
    id: row.id,
    fileName: row.fileName,
    bytes: row.bytes,
    status: row.status as UploadMessage['status'],
    slideId: row.slideId,
    duplicate: slides.length > 0 && slides.every((slide) => slide.isDuplicate),
    refusal: row.refusal as Problem | null,
    mine: row.userId === userId,
    findings: findings.map(findingMessage),
    createdAt: row.createdAt.toISOString(),
  };
}

export function groupMessage(
  { userId: senderId, ...row }: GroupRow,
  findings: readonly FindingRow[],
  userId: string,
): UploadGroupMessage {
  return {
    ...row,
    mine: senderId === userId,
    status: row.status as UploadGroupMessage['status'],
    receivedFiles: row.receivedFiles ?? 0,
    receivedBytes: row.receivedBytes ?? 0,
    findings: findings.map(findingMessage),
    createdAt: row.createdAt.toISOString(),
  };
}

function findingMessage(row: FindingRow): UploadFinding {
  return {
    kind: row.kind as UploadFinding['kind'],
    name: row.name,
    files: row.files,
    fileCount: row.fileCount,
    bytes: row.bytes,
    slideId: row.slideId,
    duplicate: row.isDuplicate,
    problem: row.problem as Problem | null,
    note: row.note,
  };
}
