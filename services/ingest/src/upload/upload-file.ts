/** A file that came with an upload: by itself, in a group, or out of a zip. */
export interface UploadFile {
  /** Where it lay, `/`-separated; shown and compared, never written to. */
  path: string;
  /** Where its bytes are on this machine. */
  file: string;
  bytes: number;
  sha256: string;
}

/** A file, or some of its kind, that is no part of a slide, and why. */
export interface LeftOut {
  path: string;
  bytes: number;
  reason: string;
}
