import NextLink from 'next/link';
import type { ComponentProps } from 'react';

/** A page's script is fetched when one goes there, not for every page that is linked to: a visit costs its own. */
export function Link(props: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={false} {...props} />;
}
