import type { SlideDetail } from '@stroma/core/http/slide';
import type OpenSeadragon from 'openseadragon';
import { hasGraphicsProcessor } from './graphics-processor.ts';

/** The overview stands off the corner; the library sets these in the element itself. */
export const overviewStyle = {
  margin: '0 12px 12px 0',
  border: '1px solid #4a565b',
  borderRadius: '3px',
  opacity: '1',
  background: '#ffffff',
  position: 'relative',
  zIndex: '1',
};

const gestures = { clickToZoom: false, dblClickToZoom: false, pinchRotate: false };

/** Bytes of decoded tiles, RGBA, that a viewer keeps: in the graphics processor's memory with WebGL. */
const tileBytesKept = 256e6;

const tilesKept = ({ levels }: SlideDetail) => {
  const largest = Math.max(...levels.map(({ tileWidth, tileHeight }) => 4 * tileWidth * tileHeight));
  // A window of 3840 × 2160 shows some 100 tiles of 1024 px at once.
  return Math.min(800, Math.max(120, Math.floor(tileBytesKept / largest)));
};

/** A slide of its own has an overview; a pane beside it has none. */
export const stageOptions = (slide: SlideDetail, overview: boolean): OpenSeadragon.Options => ({
  drawer: hasGraphicsProcessor() ? ['webgl', 'canvas'] : 'canvas',
  // Above a half: a zoom that shows one level px by px shows the level before it at half its size, and rounding would
  // choose between the two.
  minPixelRatio: 0.52,
  // Tiles meet on whole px at every zoom; composing them once more would only mix them.
  smoothTileEdgesMinZoom: Number.POSITIVE_INFINITY,
  showNavigationControl: false,
  showNavigator: overview,
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
  placeholderFillStyle: '#ffffff',
  imageLoaderLimit: 8,
  maxImageCacheCount: tilesKept(slide),
  preserveImageSizeOnResize: true,
  gestureSettingsMouse: gestures,
  gestureSettingsPen: gestures,
  gestureSettingsTouch: gestures,
  gestureSettingsUnknown: gestures,
});
