import type { Problem } from '@stroma/core/errors';
import type { Database } from '@stroma/db/client';
import { announcedFile, findGroup, groupUploads } from '@stroma/db/upload-groups';

const groupIdShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Place = { inGroup?: { groupId: string; path: string } } | { problem: Problem };

/** Where an upload belongs that names a group; only what the group's list announced is taken. */
export async function placeInGroup(
  db: Database,
  userId: string,
  metadata: Record<string, string | null> | undefined,
  bytes: number,
): Promise<Place> {
  const { group: groupId, path } = metadata ?? {};
  if (!groupId) return {};
  const group = groupIdShape.test(groupId) ? await findGroup(db, groupId) : undefined;
  if (!path || group?.userId !== userId || group.status !== 'receiving') {
    return {
      problem: {
        code: 'upload.group',
        message: 'There is no group of uploads of yours that still takes files under this name.',
        expected: 'a group of POST /api/upload-groups that is not whole yet, and the path of a file',
        found: `group ${groupId.slice(0, 50)}, path ${path ?? 'none'}`,
        where: 'header Upload-Metadata',
        remedy: 'Announce the files again.',
      },
    };
  }
  const announced = await announcedFile(db, groupId, path);
  const uploads = await groupUploads(db, groupId);
  const whole = uploads.some((upload) => upload.path === path && upload.status !== 'receiving');
  if (announced?.bytes === bytes && !whole) return { inGroup: { groupId, path } };
  return {
    problem: {
      code: 'upload.group_file',
      message: whole ? 'This file of the group has come already.' : 'The group’s list does not have this file.',
      expected: announced ? `${announced.bytes} bytes, once` : 'a path of the list',
      found: `${bytes} bytes at ${path}`,
      where: 'header Upload-Metadata',
      remedy: 'Announce the files again; the answer says which are still to come.',
    },
  };
}
