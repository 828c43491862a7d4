import { mostAnnotations, mostSlideVertices } from '@stroma/core/annotation/geometry';
import { annotationTotals } from '@stroma/db/annotations';
import type { Database } from '@stroma/db/client';
import { tooMany } from './annotation-message.ts';

/** Throws when the slide has no room for that much more. */
export async function roomFor(db: Database, slideId: string, more: { count: number; vertices: number }): Promise<void> {
  const there = await annotationTotals(db, slideId);
  const count = there.count + more.count;
  if (count > mostAnnotations) throw tooMany(`at most ${mostAnnotations} annotations`, String(count));
  const vertices = there.vertices + more.vertices;
  if (vertices > mostSlideVertices)
    throw tooMany(`at most ${mostSlideVertices} positions in all outlines`, String(vertices));
}
