import type { SlideDetail } from '@stroma/core/http/slide';
import type OpenSeadragon from 'openseadragon';
import { tileSource } from './tile-source.ts';

/** A place on the slide: centre in level-0 px, zoom as screen px per level-0 px. */
export interface Place {
  x: number;
  y: number;
  zoom: number;
}

/** The slide on screen. Everything outside `viewer/` knows it only by places in level-0 px. */
export interface SlideStage {
  viewer: OpenSeadragon.Viewer;
  place(): Place;
  goTo(place: Partial<Place>): void;
  zoomBy(factor: number): void;
  panBy(screenX: number, screenY: number): void;
  home(): void;
  /** Screen px of a level-0 point inside the stage. */
  onScreen(x0: number, y0: number): { x: number; y: number };
  onChange(listener: () => void): () => void;
  /** Calls back once, at once when tiles are there already. */
  onFirstTile(listener: () => void): () => void;
  close(): void;
}

/** The overview stands off the corner; the library sets these in the element itself. */
const overview = {
  margin: '0 12px 12px 0',
  border: '1px solid #4a565b',
  borderRadius: '3px',
  opacity: '1',
  background: '#ffffff',
  position: 'relative',
  zIndex: '1',
};

export async function openStage(element: HTMLElement, slide: SlideDetail, first: Place | null): Promise<SlideStage> {
  const { default: library } = await import('openseadragon');
  const viewer = library({
    element,
    // Behaves alike with and without a GPU.
    drawer: 'canvas',
    showNavigationControl: false,
    showNavigator: true,
    navigatorPosition: 'BOTTOM_RIGHT',
    navigatorAutoFade: false,
    navigatorMaintainSizeRatio: true,
    navigatorSizeRatio: 0.16,
    navigatorBackground: '#ffffff',
    navigatorBorderColor: 'transparent',
    navigatorDisplayRegionColor: '#0b6f7d',
    animationTime: 0.35,
    springStiffness: 9,
    visibilityRatio: 0.25,
    minZoomImageRatio: 0.7,
    // 40x must be within reach on every slide, and a few steps beyond level 0 to see single pixels.
    maxZoomPixelRatio: Math.max(4, (slide.mpp?.x ?? 1) / 0.25),
    placeholderFillStyle: '#ffffff',
    imageLoaderLimit: 8,
    maxImageCacheCount: 800,
    preserveImageSizeOnResize: true,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: false },
    gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true },
  });
  viewer.addHandler('canvas-key', (event) => {
    event.preventDefaultAction = true;
  });
  const opened = new Promise<void>((resolve, reject) => {
    viewer.addOnceHandler('open', () => resolve());
    viewer.addOnceHandler('open-failed', (event) => reject(new Error(event.message)));
  });
  viewer.open({ tileSource: tileSource(library, slide) });
  await opened;

  if (viewer.navigator) Object.assign(viewer.navigator.element.style, overview);

  const image = viewer.world.getItemAt(0);
  const viewport = viewer.viewport;
  const stage: SlideStage = {
    viewer,
    place() {
      const centre = image.viewportToImageCoordinates(viewport.getCenter(true));
      return { x: centre.x, y: centre.y, zoom: image.viewportToImageZoom(viewport.getZoom(true)) };
    },
    goTo({ x, y, zoom }) {
      if (zoom !== undefined) viewport.zoomTo(image.imageToViewportZoom(zoom));
      if (x !== undefined && y !== undefined) viewport.panTo(image.imageToViewportCoordinates(x, y));
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
    home: () => viewport.goHome(),
    onScreen: (x0, y0) => viewport.viewportToViewerElementCoordinates(image.imageToViewportCoordinates(x0, y0)),
    onChange(listener) {
      const events = ['update-viewport', 'resize'] as const;
      for (const event of events) viewer.addHandler(event, listener);
      return () => {
        for (const event of events) viewer.removeHandler(event, listener);
      };
    },
    onFirstTile(listener) {
      if (image.lastDrawn.length > 0) listener();
      viewer.addOnceHandler('tile-loaded', listener);
      return () => viewer.removeHandler('tile-loaded', listener);
    },
    close: () => viewer.destroy(),
  };
  if (first) {
    viewport.zoomTo(image.imageToViewportZoom(first.zoom), undefined, true);
    viewport.panTo(image.imageToViewportCoordinates(first.x, first.y), true);
  }
  return stage;
}
