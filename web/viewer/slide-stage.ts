import type { SlideDetail } from '@stroma/core/http/slide';
import type OpenSeadragon from 'openseadragon';
import { zoomLimits } from './magnification.ts';
import type { Place, Point0 } from './place.ts';
import { restOnPx } from './rest-on-px.ts';
import { overviewStyle, stageOptions } from './stage-options.ts';
import { tileSource } from './tile-source.ts';
import { tilesOnPx } from './tiles-on-px.ts';

/** The slide on screen. Everything outside `viewer/` knows it only by places in level-0 px. */
export interface SlideStage {
  viewer: OpenSeadragon.Viewer;
  /** What is on screen now; in the middle of a movement, a place on its way. */
  place(): Required<Place>;
  /** Where the movement ends. */
  target(): Required<Place>;
  goTo(place: Partial<Place>): void;
  /** Without movement, and past the edges if need be: another pane leads. */
  jumpTo(place: Required<Place>): void;
  /** A zoom, the point under (screenX, screenY) of the stage staying where it is. */
  zoomTo(zoom: number, at: { x: number; y: number }): void;
  zoomBy(factor: number): void;
  panBy(screenX: number, screenY: number): void;
  rotateBy(degrees: number): void;
  home(): void;
  /** Lets every magnification be reached, and a few steps beyond level 0 to see single pixels. */
  setScale(mpp: number | null): void;
  /** Screen px of a level-0 point inside the stage. */
  onScreen(x0: number, y0: number): { x: number; y: number };
  /** The same as if the slide were not turned: for layers that turn as a whole, around the middle. */
  onScreenUpright(x0: number, y0: number): { x: number; y: number };
  /** The level-0 point under screen px of the stage. */
  onSlide(x: number, y: number): Point0;
  onChange(listener: () => void): () => void;
  onClick(listener: (point: Point0) => void): () => void;
  /** Calls back once, at once when tiles are there already. */
  onFirstTile(listener: () => void): () => void;
  close(): void;
}

export async function openStage(
  element: HTMLElement,
  slide: SlideDetail,
  first: Place | null,
  { overview = true }: { overview?: boolean } = {},
): Promise<SlideStage> {
  const { default: library } = await import('openseadragon');
  const viewer = library({ element, ...stageOptions(slide, overview) });
  viewer.addHandler('canvas-key', (event) => {
    event.preventDefaultAction = true;
  });
  const opened = new Promise<void>((resolve, reject) => {
    viewer.addOnceHandler('open', () => resolve());
    viewer.addOnceHandler('open-failed', (event) => reject(new Error(event.message)));
  });
  viewer.open({ tileSource: tileSource(library, slide) });
  await opened;

  if (viewer.navigator) Object.assign(viewer.navigator.element.style, overviewStyle);

  const image = viewer.world.getItemAt(0);
  const viewport = viewer.viewport;
  // A view that another pane leads stays exactly where that one has it.
  let led = false;
  if (viewer.drawer.getType() === 'canvas') tilesOnPx(viewer, () => library.pixelDensityRatio);
  else {
    viewer.addHandler('animation-finish', () => {
      if (!led) restOnPx(library, viewport, image);
      led = false;
    });
  }
  const toZoom = (zoom: number) => image.imageToViewportZoom(zoom);
  const placeOf = (current: boolean): Required<Place> => {
    const { x, y } = image.viewportToImageCoordinates(viewport.getCenter(current));
    const zoom = image.viewportToImageZoom(viewport.getZoom(current));
    return { x, y, zoom, rotation: turned(viewport.getRotation(current)) };
  };

  let mpp = slide.mpp?.x ?? null;
  const limit = () => {
    // The library's zoom has the stage's width as unit, so that the limits change with it.
    const { least, most } = zoomLimits(mpp, image.viewportToImageZoom(viewport.getHomeZoom()));
    Object.assign(viewport, { minZoomLevel: toZoom(least), maxZoomLevel: toZoom(most) });
  };
  viewer.addHandler('resize', limit);
  limit();

  const stage: SlideStage = {
    viewer,
    place: () => placeOf(true),
    target: () => placeOf(false),
    goTo({ x, y, zoom, rotation }) {
      if (rotation !== undefined) viewport.rotateTo(nearest(viewport.getRotation(), rotation));
      if (zoom !== undefined) viewport.zoomTo(toZoom(zoom));
      if (x !== undefined && y !== undefined) viewport.panTo(image.imageToViewportCoordinates(x, y));
      viewport.applyConstraints();
    },
    jumpTo({ x, y, zoom, rotation }) {
      led = true;
      viewport.setRotation(rotation, true);
      viewport.zoomTo(toZoom(zoom), undefined, true);
      viewport.panTo(image.imageToViewportCoordinates(x, y), true);
    },
    zoomTo(zoom, { x, y }) {
      viewport.zoomTo(toZoom(zoom), viewport.pointFromPixel(new library.Point(x, y)));
      viewport.applyConstraints();
    },
    zoomBy(factor) {
      viewport.zoomBy(factor);
      viewport.applyConstraints();
    },
    panBy(screenX, screenY) {
      viewport.panBy(viewport.deltaPointsFromPixels(new library.Point(screenX, screenY)));
      viewport.applyConstraints();
    },
    rotateBy: (degrees) => viewport.rotateBy(degrees),
    home: () => viewport.goHome(),
    setScale(next) {
      mpp = next;
      limit();
    },
    onScreen: (x0, y0) => viewport.viewportToViewerElementCoordinates(image.imageToViewportCoordinates(x0, y0)),
    onScreenUpright: (x0, y0) => viewport.pixelFromPointNoRotate(image.imageToViewportCoordinates(x0, y0), true),
    onSlide(x, y) {
      const point = image.viewportToImageCoordinates(viewport.pointFromPixel(new library.Point(x, y), true));
      return { x: point.x, y: point.y };
    },
    onChange(listener) {
      const events = ['update-viewport', 'resize'] as const;
      for (const event of events) viewer.addHandler(event, listener);
      return () => {
        for (const event of events) viewer.removeHandler(event, listener);
      };
    },
    onClick(listener) {
      const click = ({ quick, position }: OpenSeadragon.CanvasClickEvent) => {
        if (quick) listener(stage.onSlide(position.x, position.y));
      };
      viewer.addHandler('canvas-click', click);
      return () => viewer.removeHandler('canvas-click', click);
    },
    onFirstTile(listener) {
      if (image.lastDrawn.length > 0) listener();
      viewer.addOnceHandler('tile-loaded', listener);
      return () => viewer.removeHandler('tile-loaded', listener);
    },
    close: () => viewer.destroy(),
  };
  if (first) stage.jumpTo({ rotation: 0, ...first });
  led = false;
  return stage;
}

const turned = (degrees: number) => ((degrees % 360) + 360) % 360;

/** The way round that is shorter. */
const nearest = (from: number, to: number) => from + ((((to - from) % 360) + 540) % 360) - 180;
