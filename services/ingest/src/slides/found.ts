import type { Problem } from '@stroma/core/errors';
import type { DicomInstance } from '@stroma/wsi/dicom/instance';
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
  parts: SlidePart[];
  /** DICOM SeriesInstanceUID. */
  seriesUid: string | null;
  /** Lies in a folder of its own, because its reader looks at the files beside it. */
  inFolder: boolean;
}

/** An instance (file) of a DICOM series. */
export interface Instance extends DicomInstance {
  source: UploadFile;
}

/** Instances of one series: a slide, together with what came of it before. */
export interface FoundSeries {
  name: string;
  seriesUid: string;
  instances: Instance[];
}

/** Files that mean to be a slide and are not. */
export interface FoundProblem {
  name: string;
  files: UploadFile[];
  problem: Problem;
}

export interface Found {
  slides: FoundSlide[];
  series: FoundSeries[];
  problems: FoundProblem[];
  leftOut: LeftOut[];
}
