import { Tabs } from '@mantine/core';
import { type CSSProperties, type ReactNode, Suspense, useRef, useState } from 'react';
import { Loading } from '../parts/loading.tsx';
import classes from './panel.module.css';

export const tabs = ['grade', 'crops', 'annotations', 'tissue', 'walk', 'slide'] as const;
export type Tab = (typeof tabs)[number];
const title = {
  grade: 'Grade',
  crops: 'Crops',
  annotations: 'Annotations',
  tissue: 'Tissue',
  walk: 'Walk',
  slide: 'Slide',
};

/** The one panel: everything about the slide that is not the slide. */
export function Panel({
  tab,
  onTab,
  content,
  foot,
}: {
  tab: Tab;
  onTab: (tab: Tab) => void;
  content: Record<Tab, ReactNode>;
  foot: ReactNode;
}) {
  // On a small screen it is a sheet from below, this share of the window high.
  const [share, setShare] = useState(0.46);
  const drag = useRef<{ y: number; share: number } | null>(null);
  const limited = (value: number) => Math.max(0.15, Math.min(0.85, value));
  return (
    <aside
      className={classes.panel}
      aria-label="About the slide"
      style={{ '--sheet': `${share * 100}%` } as CSSProperties}
    >
      <button
        type="button"
        className={classes.grip}
        aria-label={`Height of the panel, ${Math.round(share * 100)} %: larger or smaller by the arrow keys`}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowUp' ? 0.1 : event.key === 'ArrowDown' ? -0.1 : 0;
          if (step === 0) return;
          event.stopPropagation();
          setShare(limited(share + step));
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { y: event.clientY, share };
        }}
        onPointerMove={({ clientY }) => {
          if (!drag.current) return;
          setShare(limited(drag.current.share + (drag.current.y - clientY) / window.innerHeight));
        }}
        onPointerUp={() => {
          drag.current = null;
        }}
        data-testid="sheet-grip"
      />
      <Tabs
        value={tab}
        onChange={(value) => value && onTab(value as Tab)}
        keepMounted={false}
        classNames={{ root: classes.tabs, panel: classes.body }}
      >
        <Tabs.List grow>
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one} data-testid={`tab-${one}`}>
              {title[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((one) => (
          <Tabs.Panel key={one} value={one}>
            <Suspense fallback={<Loading what={title[one].toLowerCase()} />}>{content[one]}</Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
      {foot}
    </aside>
  );
}
