import type { AnnotationGeometry } from '@stroma/core/annotation/geometry';
import type { Problem } from '@stroma/core/errors';
import type { AnnotationChange, AnnotationMessage } from '@stroma/core/http/annotation';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { send } from '../data/fetch-json.ts';
import { problemOf } from '../data/request-failed.ts';
import { loadAnnotations } from './annotation-list.ts';
import type { Notice } from './annotation-notice.tsx';
import { type Shape, shapeOf } from './annotation-shapes.ts';
import { nameOf } from './annotation-words.ts';

export const tools = ['rectangle', 'point', 'polygon'] as const;
export type Tool = (typeof tools)[number];
export type Edits = Omit<AnnotationChange, 'version'>;

/** A slide's annotations: what is there, which one is chosen, what is being drawn, and what can be done with them. */
export function useAnnotations(slideId: string, onSelect: () => void) {
  const [all, setAll] = useState<AnnotationMessage[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [turn, reload] = useReducer((before: number) => before + 1, 0);
  const [selectedId, setSelected] = useState<string | null>(null);
  const [tool, setTool] = useState<Tool | null>(null);
  const [visible, setVisible] = useState(true);
  const [notice, tell] = useState<Notice | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn reads them again
  useEffect(() => {
    const stop = new AbortController();
    setProblem(null);
    loadAnnotations(slideId, stop.signal, setAll).catch(
      (error: unknown) => !stop.signal.aborted && setProblem(problemOf(error)),
    );
    return () => stop.abort();
  }, [slideId, turn]);

  const put = useCallback((one: AnnotationMessage) => {
    setAll((before) => {
      const known = before?.some(({ id }) => id === one.id);
      return known ? (before ?? []).map((other) => (other.id === one.id ? one : other)) : [...(before ?? []), one];
    });
  }, []);
  const attempt = useCallback(async (act: () => Promise<void>): Promise<boolean> => {
    try {
      await act();
      return true;
    } catch (error) {
      tell({ problem: problemOf(error) });
      // Somebody else may have changed it: what is shown has to be what is there.
      reload();
      return false;
    }
  }, []);

  const select = useCallback(
    (id: string | null) => {
      setSelected(id);
      if (id !== null) onSelect();
    },
    [onSelect],
  );
  const create = useCallback(
    (geometry: AnnotationGeometry) =>
      attempt(async () => {
        const made = await send<AnnotationMessage>('POST', `/api/slides/${slideId}/annotations`, { geometry });
        put(made);
        select(made.id);
      }),
    [attempt, put, select, slideId],
  );
  // One after the other: leaving a field and pressing a button are two changes of one version.
  const turns = useRef<Promise<unknown>>(Promise.resolve());
  const versions = useRef(new Map<string, number>());
  const inTurn = useCallback(
    ({ id, version }: AnnotationMessage, act: (url: string, version: number) => Promise<AnnotationMessage>) => {
      const turn = turns.current.then(() =>
        attempt(async () => {
          const known = Math.max(version, versions.current.get(id) ?? 0);
          const now = await act(`/api/slides/${slideId}/annotations/${id}`, known);
          versions.current.set(id, now.version);
        }),
      );
      turns.current = turn;
      return turn;
    },
    [attempt, slideId],
  );
  const change = useCallback(
    (one: AnnotationMessage, edits: Edits) =>
      inTurn(one, async (url, version) => {
        const now = await send<AnnotationMessage>('PATCH', url, { version, ...edits });
        put(now);
        return now;
      }),
    [inTurn, put],
  );
  const remove = useCallback(
    (one: AnnotationMessage) =>
      inTurn(one, async (url, version) => {
        const gone = await send<AnnotationMessage>('DELETE', `${url}?version=${version}`);
        setAll((before) => before?.filter(({ id }) => id !== one.id) ?? null);
        setSelected(null);
        const undo = () =>
          void inTurn(gone, async (place, known) => {
            const back = await send<AnnotationMessage>('POST', `${place}/restore`, { version: known });
            put(back);
            return back;
          });
        tell({ deleted: nameOf(gone), undo });
        return gone;
      }),
    [inTurn, put],
  );

  const shapes = useShapes(all);
  const selected = useMemo(() => all?.find(({ id }) => id === selectedId) ?? null, [all, selectedId]);
  return {
    all,
    shapes,
    problem,
    reload,
    selected,
    select,
    tool,
    setTool,
    visible,
    setVisible,
    create,
    change,
    remove,
    notice,
    tell,
  };
}

export type Annotations = ReturnType<typeof useAnnotations>;

const known = new WeakMap<AnnotationMessage, Shape>();

function useShapes(all: AnnotationMessage[] | null): Shape[] {
  return useMemo(
    () =>
      (all ?? []).map((one) => {
        const shape = known.get(one) ?? shapeOf(one);
        known.set(one, shape);
        return shape;
      }),
    [all],
  );
}
