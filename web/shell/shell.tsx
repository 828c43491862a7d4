'use client';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { UploadTray } from '../upload/upload-tray.tsx';
import classes from './shell.module.css';
import { TopBar } from './top-bar.tsx';

/** The frame of every page. The viewer fills the window, so it goes without the top bar. */
export function Shell({ children }: { children: ReactNode }) {
  const inViewer = /^\/slides\/[^/]+/.test(usePathname());
  return (
    <div className={classes.shell}>
      {!inViewer && (
        <>
          <a href="#content" className={classes.skip}>
            Skip to the content
          </a>
          <TopBar />
        </>
      )}
      <main id="content" className={classes.main} data-fill={inViewer || undefined}>
        {children}
      </main>
      <UploadTray />
    </div>
  );
}
