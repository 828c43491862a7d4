import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';

export default function NotFound() {
  return (
    <Page title="There is no such page">
      Go to the <Link href="/slides">slides</Link>, the <Link href="/cohorts">cohorts</Link> or the{' '}
      <Link href="/jobs">jobs</Link>.
    </Page>
  );
}
