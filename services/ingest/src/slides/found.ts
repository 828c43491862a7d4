import type { Problem } from '@stroma/core/errors';
import type { LeftOut, UploadFile } from '../upload/upload-file.ts';

/** entry: the file that the slide is opened by. label, overview, thumbnail: pictures that are never served. */
export type FileRole = 'entry' | 'data' | 'label' | 'overview' | 'thumbnail';

export interface SlidePart {
  /** Below the slide's own folder; the same whatever the files were called when they came. */
  path: string;
  role: FileRole;
  source: UploadFile;
}

/** Files that make one slide, not yet opened. */
export interface FoundSlide {
  name: string;
  /** Without an entry when a DICOM series has no image (yet). */
  parts: SlidePart[];
  /** DICOM SeriesInstanceUID. */
  seriesUid: string | null;
  /** Lies in a folder of its own, because its reader looks at the files beside it. */
  inFolder: boolean;
}

/** Files that mean to be a slide and are not. */
export interface FoundProblem {
  name: string;
  files: UploadFile[];
  problem: Problem;
}

export interface Found {
  slides: FoundSlide[];
  problems: FoundProblem[];
  leftOut: LeftOut[];
}
