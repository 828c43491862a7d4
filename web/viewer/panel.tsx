import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
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
  return (
    <aside className={classes.panel} aria-label="About the slide">
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
            {content[one]}
          </Tabs.Panel>
        ))}
      </Tabs>
      {foot}
    </aside>
  );
}
