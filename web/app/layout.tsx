import '@mantine/core/styles.layer.css';
import './global.css';
import { ColorSchemeScript, MantineProvider, mantineHtmlProps } from '@mantine/core';
import type { Metadata, Viewport } from 'next';
import { type ReactNode, Suspense } from 'react';
import { Shell } from '../shell/shell.tsx';
import { theme } from '../shell/theme.ts';

export const metadata: Metadata = { title: { default: 'Stroma', template: '%s · Stroma' } };
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" />
      </head>
      <body>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          <Suspense>
            <Shell>{children}</Shell>
          </Suspense>
        </MantineProvider>
      </body>
    </html>
  );
}
