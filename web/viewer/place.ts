/** A place on the slide: centre in level-0 px, zoom as screen px per level-0 px. */
export interface Place {
  x: number;
  y: number;
  zoom: number;
  /** Degrees that the slide is turned clockwise, 0 ≤ rotation < 360; absent: not turned. */
  rotation?: number;
}

/** Where something was clicked: level-0 px. */
export interface Point0 {
  x: number;
  y: number;
}
