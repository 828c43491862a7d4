import type { AnnotationGeometry, Position } from '@stroma/core/annotation/geometry';
import { pointsOf, ringsOf } from '@stroma/core/annotation/measure';
import { handlesOf } from './annotation-edit.ts';
import { type Screen, shown, toScreen, touches } from './annotation-screen.ts';
import { colourOf, pathOf, type Shape } from './annotation-shapes.ts';

export interface AnnotationPicture {
  shapes: readonly Shape[];
  selected: string | null;
  /** What the selected one looks like while it is being moved. */
  moved: AnnotationGeometry | null;
  /** Whether the selected one can be moved. */
  handles: boolean;
  /** What is being drawn: its positions so far and, last, where the pointer is. */
  draft: readonly Position[];
  /** A cross in the middle, where the keyboard sets positions. */
  cross: boolean;
}

const dark = '#0c0f10';
/** Smaller ones on screen are a dot: their outline would be one, drawn at many times the cost. */
const dotPx = 3;
/** Beyond so many in view, outlines have no dark seam. */
const mostSeams = 1500;
/** Beyond so many, the selected one is moved as it is seen: its handles would cover it. */
const mostHandles = 600;

/** Only what touches the screen is drawn. Returns how many that were. */
export function drawAnnotations(
  pen: CanvasRenderingContext2D,
  picture: AnnotationPicture,
  screen: Screen,
  size: { width: number; height: number },
): number {
  const view = shown(screen, size.width, size.height);
  const inView = picture.shapes.filter(({ bounds }) => touches(bounds, view));
  const seams = inView.length <= mostSeams;
  for (const { annotation, bounds } of inView) {
    const isSelected = annotation.id === picture.selected;
    const geometry = isSelected && picture.moved ? picture.moved : annotation.geometry;
    const colour = colourOf(annotation);
    for (const point of pointsOf(geometry)) dot(pen, toScreen(screen, point), colour, isSelected ? 7 : 5);
    if (annotation.kind === 'point') continue;
    const extent = Math.max(bounds.right0 - bounds.left0, bounds.bottom0 - bounds.top0) * screen.zoom;
    if (extent < dotPx && !isSelected) {
      const [x, y] = toScreen(screen, [bounds.left0, bounds.top0]);
      pen.fillStyle = colour;
      pen.fillRect(x - 1.5, y - 1.5, 3, 3);
    } else {
      outline(pen, screen, geometry, colour, isSelected, seams);
    }
    if (isSelected && picture.handles) drawHandles(pen, screen, geometry);
  }
  drawDraft(pen, screen, picture.draft);
  if (picture.cross) cross(pen, size.width / 2, size.height / 2);
  return inView.length;
}

function outline(
  pen: CanvasRenderingContext2D,
  screen: Screen,
  geometry: AnnotationGeometry,
  colour: string,
  isSelected: boolean,
  seam: boolean,
) {
  const path = pathOf(geometry);
  pen.save();
  pen.transform(screen.a, screen.b, screen.c, screen.d, screen.e, screen.f);
  pen.lineJoin = 'round';
  if (isSelected) {
    pen.fillStyle = `${colour}33`;
    pen.fill(path, 'evenodd');
  }
  if (seam || isSelected) {
    pen.lineWidth = (isSelected ? 6 : 4) / screen.zoom;
    pen.strokeStyle = dark;
    pen.stroke(path);
  }
  pen.lineWidth = (isSelected ? 3 : 2) / screen.zoom;
  pen.strokeStyle = colour;
  pen.stroke(path);
  pen.restore();
}

function drawHandles(pen: CanvasRenderingContext2D, screen: Screen, geometry: AnnotationGeometry) {
  const handles = handlesOf(geometry);
  if (ringsOf(geometry).length === 0 || handles.length > mostHandles) return;
  for (const { at, between } of handles)
    dot(pen, toScreen(screen, at), between ? '#c9d3d6' : '#ffffff', between ? 3 : 5);
}

function drawDraft(pen: CanvasRenderingContext2D, screen: Screen, draft: readonly Position[]) {
  if (draft.length === 0) return;
  const places = draft.map((at) => toScreen(screen, at));
  for (const [width, colour] of [
    [4, dark],
    [2, '#ffffff'],
  ] as const) {
    pen.beginPath();
    for (const [x, y] of places) pen.lineTo(x, y);
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke();
  }
  for (const place of places) dot(pen, place, '#ffffff', 4);
}

function dot(pen: CanvasRenderingContext2D, [x, y]: Position, colour: string, radius: number) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = dark;
  pen.stroke();
}

function cross(pen: CanvasRenderingContext2D, x: number, y: number) {
  for (const [width, colour] of [
    [4, dark],
    [2, '#ffffff'],
  ] as const) {
    pen.beginPath();
    pen.moveTo(x - 12, y);
    pen.lineTo(x + 12, y);
    pen.moveTo(x, y - 12);
    pen.lineTo(x, y + 12);
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}
