import type { DroppedFile } from './dropped-files.ts';
/** Files that are sent together, or one that is sent by itself (`together` false). */
export interface Parcel {
  name: string;
  files: DroppedFile[];
  together: boolean;
}
/**
 * Divides what was dropped, so that each slide is read as soon as its own files have come: one-file formats by
 * themselves, a MIRAX file with its folder, and what else lies in a folder together.
 */
export declare function parcelsOf(dropped: readonly DroppedFile[]): Parcel[];
