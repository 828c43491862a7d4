'use client';
import { lazy } from 'react';

// Fetched when they are looked at: a slide opens with its grade and the heat map.
export const AnnotationsTab = lazy(() =>
  import('./annotations-tab.tsx').then((part) => ({ default: part.AnnotationsTab })),
);
export const CompareChooser = lazy(() =>
  import('./compare-chooser.tsx').then((part) => ({ default: part.CompareChooser })),
);
export const CropInspector = lazy(() =>
  import('./crop-inspector.tsx').then((part) => ({ default: part.CropInspector })),
);
export const CropsTab = lazy(() => import('./crops-tab.tsx').then((part) => ({ default: part.CropsTab })));
export const LineageView = lazy(() =>
  import('../models/lineage-view.tsx').then((part) => ({ default: part.LineageView })),
);
export const SecondPane = lazy(() => import('./second-pane.tsx').then((part) => ({ default: part.SecondPane })));
export const SlideTab = lazy(() => import('./slide-tab.tsx').then((part) => ({ default: part.SlideTab })));
export const TissueTab = lazy(() => import('./tissue-tab.tsx').then((part) => ({ default: part.TissueTab })));
export const WalkTab = lazy(() => import('./walk-tab.tsx').then((part) => ({ default: part.WalkTab })));
