import type OpenSeadragon from 'openseadragon';

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

/** A slide of its own has an overview; a pane beside it has none. */
export const stageOptions = (overview: boolean): OpenSeadragon.Options => ({
  // Behaves alike with and without a GPU; the library's WebGL drawer misplaces tiles on a software renderer.
  drawer: 'canvas',
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
  maxImageCacheCount: 800,
  preserveImageSizeOnResize: true,
  gestureSettingsMouse: gestures,
  gestureSettingsPen: gestures,
  gestureSettingsTouch: gestures,
  gestureSettingsUnknown: gestures,
});
