import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { localPath } from './same-origin.ts';

interface SignInPage {
  next?: unknown;
  /** Why the last attempt did not work. */
  problem?: string;
  email?: string;
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: light-dark(#f6f6f7, #17181a); color: light-dark(#1d1e20, #e6e6e8); }
main { width: min(22rem, calc(100vw - 3rem)); }
h1 { font-size: 1.25rem; font-weight: 600; margin: 0 0 1.25rem; }
label { display: block; margin-bottom: .9rem; }
input { display: block; width: 100%; box-sizing: border-box; margin-top: .25rem; padding: .55rem .65rem; font: inherit;
  color: inherit; background: light-dark(#fff, #202124); border: 1px solid light-dark(#8b8d93, #74767c); border-radius: 4px; }
button { font: inherit; font-weight: 600; padding: .55rem 1rem; border: 0; border-radius: 4px;
  color: #fff; background: #0b6f7d; cursor: pointer; }
:focus-visible { outline: 2px solid light-dark(#0b6f7d, #56c2cf); outline-offset: 2px; }
[role=alert] { border-left: 3px solid #c0392b; padding-left: .65rem; margin: 0 0 1rem; }
p { margin: 1.25rem 0 0; font-size: .87rem; color: light-dark(#55575c, #a5a7ac); }
code { font-size: .95em; }
`;
const styleHash = createHash('sha256').update(style).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`;

/** A page without script and without other files: it is all that someone unknown can see. */
export function sendSignInPage(reply: FastifyReply, page: SignInPage): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('cache-control', 'no-store')
    .send(signInPage(page));
}

function signInPage({ next, problem, email = '' }: SignInPage): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in – Stroma</title><style>${style}</style></head>
<body><main>
<h1>Sign in to Stroma</h1>
${problem ? `<div role="alert">${escapeHtml(problem)}</div>` : ''}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${escapeHtml(localPath(next))}">
<label>E-mail<input name="email" type="text" inputmode="email" autocomplete="username" required value="${escapeHtml(email)}"></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button>
</form>
<p>No password yet? The start of the server prints a link that signs the local admin in once.</p>
</main></body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
