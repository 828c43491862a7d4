import type { Metadata } from 'next';
import { SlidesPage } from '../../slides/slides-page.tsx';

export const metadata: Metadata = { title: 'Slides' };
export default function Page() {
  return <SlidesPage />;
}
