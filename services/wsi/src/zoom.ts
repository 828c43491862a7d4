/** The viewer counts levels from the coarsest (zoom index 0), files from the finest (level 0). */
export function levelOfZoom(zoom: number, levelCount: number): number {
  return levelCount - 1 - zoom;
}

export function zoomOfLevel(level: number, levelCount: number): number {
  return levelCount - 1 - level;
}
