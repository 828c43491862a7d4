import type { Metadata } from 'next';
import { ModelPage } from '../../../models/model-page.tsx';

export const metadata: Metadata = { title: 'Model' };
export default function Page() {
  return <ModelPage />;
}
