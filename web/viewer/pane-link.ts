import type { Place } from './place.ts';

/** How one pane's slide lies on the other's: a shift in µm after a turn in degrees, clockwise. */
export interface PaneLink {
  x: number;
  y: number;
  turn: number;
}

export const unshifted: PaneLink = { x: 0, y: 0, turn: 0 };

/** µm/px along each axis; a slide without a scale counts in its own px. */
export interface Scale {
  x: number;
  y: number;
}

/** Where the second pane has to be so that it shows what the first shows: as many µm on a screen px, and turned alike. */
export function follow(place: Required<Place>, from: Scale, to: Scale, link: PaneLink): Required<Place> {
  const { x, y } = turned(place.x * from.x, place.y * from.y, link.turn);
  return {
    x: (x + link.x) / to.x,
    y: (y + link.y) / to.y,
    zoom: (place.zoom * to.x) / from.x,
    rotation: degrees(place.rotation - link.turn),
  };
}

/** The link that leaves both panes where they are. */
export function linkOf(first: Required<Place>, from: Scale, second: Required<Place>, to: Scale): PaneLink {
  const turn = degrees(first.rotation - second.rotation);
  const { x, y } = turned(first.x * from.x, first.y * from.y, turn);
  return { x: second.x * to.x - x, y: second.y * to.y - y, turn };
}

/** The same link, seen from the second pane. */
export function inverse({ x, y, turn }: PaneLink): PaneLink {
  const back = turned(-x, -y, -turn);
  return { ...back, turn: degrees(-turn) };
}

function turned(x: number, y: number, turn: number) {
  const angle = (turn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { x: x * cos - y * sin, y: x * sin + y * cos };
}

const degrees = (value: number) => ((value % 360) + 360) % 360;

/** `x,y,turn`; null when nothing is shifted. */
export function linkText({ x, y, turn }: PaneLink): string | null {
  const text = [x.toFixed(1), y.toFixed(1), turn.toFixed(1)].map((one) => String(Number(one))).join(',');
  return text === '0,0,0' ? null : text;
}

export function readLink(text: string | null): PaneLink {
  const numbers = text?.split(',').map(Number) ?? [];
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return unshifted;
  const [x = 0, y = 0, turn = 0] = numbers;
  return { x, y, turn };
}
