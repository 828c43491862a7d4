import { levelOf, type SlideFile } from '../slide-file.ts';
import type { SlideStructure, StructureLevel } from '../slide-structure.ts';
import { type Limits, usualLimits } from './limits.ts';
import { Seat } from './seat.ts';

/**
 * Opens a slide as `openSlide` does, but in a child process: a file that crashes its reader, hangs it or makes it take
 * too much memory gives an error in words, and the next call finds a new child.
 */
export async function openIsolated(path: string, limits: Limits = usualLimits): Promise<SlideFile> {
  const seat = new Seat(path, limits);
  try {
    return new IsolatedSlide(seat, await seat.open());
  } catch (error) {
    seat.leave();
    throw error;
  }
}

class IsolatedSlide implements SlideFile {
  readonly structure: SlideStructure;
  readonly #seat: Seat;

  constructor(seat: Seat, structure: SlideStructure) {
    this.#seat = seat;
    this.structure = structure;
  }

  level(level: number): StructureLevel {
    return levelOf(this.structure, level);
  }

  async tile(level: number, column: number, row: number): Promise<Buffer> {
    return (await this.#seat.ask({ kind: 'tile', level, column, row })).bytes;
  }

  async decodedTile(level: number, column: number, row: number, into?: Buffer): Promise<Buffer> {
    const { bytes } = await this.#seat.ask({ kind: 'decodedTile', level, column, row });
    if (!into || into.length < bytes.length) return bytes;
    bytes.copy(into);
    return into.subarray(0, bytes.length);
  }

  async region(level: number, x: number, y: number, width: number, height: number): Promise<Buffer> {
    return (await this.#seat.ask({ kind: 'region', level, x, y, width, height })).bytes;
  }

  async close(): Promise<void> {
    await this.#seat.close();
  }
}
