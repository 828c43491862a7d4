import type { Metadata } from 'next';
import { preload } from 'react-dom';
import { ViewerPage } from '../../../viewer/viewer-page.tsx';

export const metadata: Metadata = { title: 'Slide' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  // The browser asks for what the page will show while it still fetches the script.
  for (const address of [`/api/slides/${id}`, `/api/slides/${id}/predictions`]) {
    preload(address, { as: 'fetch', crossOrigin: 'anonymous' });
  }
  return <ViewerPage />;
}
