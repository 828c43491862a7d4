import type { AnnotationGeometry, Position } from '@stroma/core/annotation/geometry';
import { useCallback, useEffect, useRef, useState } from 'react';
import { polygon, rectangle } from './annotation-edit.ts';
import { distance } from './annotation-shapes.ts';
import type { Annotations, Tool } from './use-annotations.ts';

export interface Drawing {
  positions: Position[];
  /** Sets a position in level-0 px; a point and the second corner of a rectangle end it. */
  set(at: Position): void;
  /** Ends it where it is; at: the place of a corner that is still missing. */
  finish(at?: Position): void;
  back(): void;
  cancel(): void;
}

/** What is being drawn with the chosen tool, position by position. */
export function useDrawing({ tool, setTool, create }: Annotations, size: { width0: number; height0: number }): Drawing {
  const [positions, setPositions] = useState<Position[]>([]);
  const now = useRef(positions);
  const put = useCallback((next: Position[]) => {
    now.current = next;
    setPositions(next);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tool begins anew
  useEffect(() => put([]), [tool, put]);

  const { width0, height0 } = size;
  const end = (drawn: AnnotationGeometry) => {
    put([]);
    setTool(null);
    void create(drawn);
  };
  const set = ([x, y]: Position) => {
    const at: Position = [Math.min(width0, Math.max(0, x)), Math.min(height0, Math.max(0, y))];
    const last = now.current.at(-1);
    const flat = last && tool === 'rectangle' && (Math.abs(last[0] - at[0]) < 1 || Math.abs(last[1] - at[1]) < 1);
    if (flat || (last && distance(last, at) < 0.5)) return;
    const drawn = tool && whole(tool, [...now.current, at]);
    if (drawn) end(drawn);
    else put([...now.current, at]);
  };
  return {
    positions,
    set,
    finish(at) {
      if (tool === 'polygon' && now.current.length >= 3) end(polygon(now.current));
      else if (tool !== null && tool !== 'polygon' && at) set(at);
    },
    back: () => put(now.current.slice(0, -1)),
    cancel: () => setTool(null),
  };
}

function whole(tool: Tool, [first, second]: Position[]): AnnotationGeometry | undefined {
  if (tool === 'point' && first) return { type: 'Point', coordinates: first };
  return tool === 'rectangle' && first && second ? rectangle(first, second) : undefined;
}
