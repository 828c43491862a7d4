import type { AnnotationGeometry, Position } from '@stroma/core/annotation/geometry';
import type OpenSeadragon from 'openseadragon';
import { useEffect, useRef } from 'react';
import { type Handle, handlesOf, movedTo, without } from './annotation-edit.ts';
import { screenOf, toScreen, toSlide } from './annotation-screen.ts';
import { distance, shapeAt } from './annotation-shapes.ts';
import type { SlideStage } from './slide-stage.ts';
import type { Annotations } from './use-annotations.ts';
import type { Drawing } from './use-drawing.ts';

/** What the pointer does at the moment, between two paintings. */
export interface Live {
  /** Where it is, in level-0 px, while something is drawn. */
  cursor: Position | null;
  /** The selected annotation with one position elsewhere. */
  moved: AnnotationGeometry | null;
}

/** A finger covers more than a mouse points at. Screen px. */
const reachPx = { mouse: 8, touch: 18 };
/** Presses that move less than this are clicks. Screen px. */
const clickPx = 5;
/** Before the handlers of everything else that a click on the slide does. */
const first = 10;

/** Drawing, choosing and moving with mouse, pen or finger; what is none of these still moves the slide. */
export function useAnnotationPointer(
  stage: SlideStage,
  annotations: Annotations,
  drawing: Drawing,
  live: Live,
  paint: () => void,
) {
  const newest = useRef({ annotations, drawing });
  newest.current = { annotations, drawing };

  useEffect(() => {
    const { viewer } = stage;
    // Known from here on: a viewer that is closed has no element.
    const { element } = viewer;
    let pressed: { at: Position; taken: Handle | null; drewCorner: boolean } | null = null;
    const screenAt = ({ position }: { position: OpenSeadragon.Point }): Position => [position.x, position.y];
    const slideAt = (at: Position) => toSlide(screenOf(stage), at);

    const press = (event: OpenSeadragon.CanvasPressEvent & { pointerType?: string }) => {
      const at = screenAt(event);
      const { annotations: of, drawing: draft } = newest.current;
      const reach = event.pointerType === 'touch' ? reachPx.touch : reachPx.mouse;
      const taken = of.tool === null ? handleAt(stage, of, at, reach) : null;
      const isFirst = of.tool === 'rectangle' && draft.positions.length === 0;
      if (isFirst) draft.set(slideAt(at));
      pressed = { at, taken, drewCorner: isFirst };
    };
    const drag = (event: OpenSeadragon.CanvasDragEvent) => {
      const { annotations: of } = newest.current;
      if (!pressed || (of.tool !== 'rectangle' && !pressed.taken)) return;
      event.preventDefaultAction = true;
      const to = inside(slideAt(screenAt(event)), viewer);
      if (of.tool === 'rectangle') live.cursor = to;
      else if (pressed.taken && of.selected) live.moved = movedTo(of.selected.geometry, pressed.taken, to);
      paint();
    };
    let drewCorner = false;
    const release = (event: OpenSeadragon.CanvasReleaseEvent) => {
      const { annotations: of, drawing: draft } = newest.current;
      const was = pressed;
      pressed = null;
      drewCorner = was?.drewCorner ?? false;
      if (!was || distance(was.at, screenAt(event)) < clickPx) return;
      if (of.tool === 'rectangle') draft.set(slideAt(screenAt(event)));
      const { moved } = live;
      if (!moved || !of.selected) return;
      void of.change(of.selected, { geometry: moved }).finally(() => {
        live.moved = null;
        paint();
      });
    };
    // A flick after drawing or moving would send the slide away.
    const end = (event: { preventDefaultAction?: boolean }) => {
      const { tool } = newest.current.annotations;
      if (tool === 'rectangle' || live.moved) event.preventDefaultAction = true;
    };
    const click = (event: OpenSeadragon.CanvasClickEvent) => {
      if (!event.quick) return;
      const at = screenAt(event);
      const { annotations: of, drawing: draft } = newest.current;
      if (of.tool !== null) {
        event.stopPropagation = true;
        if (of.tool === 'rectangle' && drewCorner) return;
        const screen = screenOf(stage);
        const near = (one: Position | undefined) =>
          one !== undefined && distance(toScreen(screen, one), at) <= reachPx.mouse;
        const { positions } = draft;
        if (of.tool === 'polygon' && positions.length >= 3 && near(positions[0])) draft.finish();
        else if (!near(positions.at(-1))) draft.set(slideAt(at));
        return;
      }
      const handle = handleAt(stage, of, at, reachPx.mouse);
      if (handle && (event.originalEvent as MouseEvent).altKey && of.selected) {
        event.stopPropagation = true;
        const left = handle.between ? undefined : without(of.selected.geometry, handle);
        if (left) void of.change(of.selected, { geometry: left });
        return;
      }
      const hit = of.visible ? shapeAt(of.shapes, screenOf(stage), at, slideAt(at)) : undefined;
      if (hit) event.stopPropagation = true;
      of.select(hit?.annotation.id ?? null);
    };
    const doubleClick = (event: OpenSeadragon.CanvasDoubleClickEvent) => {
      if (newest.current.annotations.tool === null) return;
      event.stopPropagation = true;
      newest.current.drawing.finish();
    };
    const hover = (event: PointerEvent) => {
      if (newest.current.drawing.positions.length === 0 || event.pointerType === 'touch') return;
      const box = element.getBoundingClientRect();
      live.cursor = slideAt([event.clientX - box.left, event.clientY - box.top]);
      paint();
    };

    viewer.addHandler('canvas-press', press, undefined, first);
    viewer.addHandler('canvas-drag', drag, undefined, first);
    viewer.addHandler('canvas-drag-end', end, undefined, first);
    viewer.addHandler('canvas-release', release, undefined, first);
    viewer.addHandler('canvas-click', click, undefined, first);
    viewer.addHandler('canvas-double-click', doubleClick, undefined, first);
    element.addEventListener('pointermove', hover);
    return () => {
      viewer.removeHandler('canvas-press', press);
      viewer.removeHandler('canvas-drag', drag);
      viewer.removeHandler('canvas-drag-end', end);
      viewer.removeHandler('canvas-release', release);
      viewer.removeHandler('canvas-click', click);
      viewer.removeHandler('canvas-double-click', doubleClick);
      element.removeEventListener('pointermove', hover);
    };
  }, [stage, live, paint]);
}

function handleAt(stage: SlideStage, { selected, visible }: Annotations, at: Position, reach: number): Handle | null {
  if (!selected?.mayChange || selected.isLocked || !visible) return null;
  const screen = screenOf(stage);
  const near = handlesOf(selected.geometry)
    .map((handle) => ({ handle, far: distance(toScreen(screen, handle.at), at) }))
    .filter(({ far }) => far <= reach);
  // A corner before the middle of an edge, where both are near.
  near.sort((a, b) => Number(a.handle.between) - Number(b.handle.between) || a.far - b.far);
  return near[0]?.handle ?? null;
}

function inside([x, y]: Position, viewer: OpenSeadragon.Viewer): Position {
  const { x: width, y: height } = viewer.world.getItemAt(0).getContentSize();
  return [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
}
