import { asProblem, StromaError } from '@stroma/core/errors';

/** Adds to an error over a tile where on the slide it lies. */
export async function placed<T>(work: Promise<T>, level: number, column: number, row: number): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StromaError)) throw error;
    throw new StromaError({ where: `level ${level}, column ${column}, row ${row}`, ...asProblem(error) }, error.status);
  }
}
