import { Button } from '@mantine/core';
import type { Me } from '@stroma/core/http/account';
import { usePathname } from 'next/navigation';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { useJson } from '../data/use-json.ts';
import { Link } from '../parts/link.tsx';
import classes from './shell.module.css';
import { ThemeSwitch } from './theme-switch.tsx';

const places = [
  ['/', 'Overview'],
  ['/slides', 'Slides'],
  ['/cohorts', 'Cohorts'],
  ['/jobs', 'Jobs'],
  ['/models', 'Models'],
  ['/exports', 'Exports'],
  ['/tokens', 'Tokens'],
] as const;

async function leave() {
  await send('POST', '/api/auth/sign-out', {});
  window.location.assign('/sign-in');
}

export function TopBar() {
  const path = usePathname();
  const me = useJson<Me>('/api/me');
  const signOut = useAction(leave);
  return (
    <header className={classes.bar}>
      <Link href="/" className={classes.name}>
        Stroma
      </Link>
      <nav className={classes.nav} aria-label="Places">
        {places.map(([href, title]) => (
          <Link
            key={href}
            href={href}
            aria-current={(href === '/' ? path === href : path.startsWith(href)) ? 'page' : undefined}
          >
            {title}
          </Link>
        ))}
      </nav>
      <div className={classes.end}>
        {me.data && (
          <span className={classes.who} title={`${me.data.email}, ${me.data.role}`}>
            {me.data.name}
          </span>
        )}
        <ThemeSwitch />
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          loading={signOut.busy}
          onClick={() => void signOut.run()}
        >
          Sign out
        </Button>
      </div>
    </header>
  );
}
