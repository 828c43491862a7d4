import type { Metadata } from 'next';
import { HomePage } from '../home/home-page.tsx';

export const metadata: Metadata = { title: 'Overview' };
export default function Page() {
  return <HomePage />;
}
