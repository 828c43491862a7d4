import type { Problem } from '@stroma/core/errors';
import type { SlideStructure } from '../slide-structure.ts';

/** What the child is asked to do with one of its slides, which both sides know by a number. */
export type Call =
  | { kind: 'open'; path: string }
  | { kind: 'tile' | 'decodedTile'; level: number; column: number; row: number }
  | { kind: 'region'; level: number; x: number; y: number; width: number; height: number }
  | { kind: 'close' };

export interface Request {
  id: number;
  slide: number;
  call: Call;
}

/** The pixels or the JPEG of an answer are the frame's bytes. The first frame, without an id, says that the child is up. */
export interface Answer {
  id?: number;
  /** The answer to `open`. */
  structure?: SlideStructure;
  failure?: Failure;
}

export interface Failure {
  message: string;
  /** Of a StromaError. */
  problem?: Problem;
  status?: number;
  /** Of an error of the file system. */
  code?: string;
}
