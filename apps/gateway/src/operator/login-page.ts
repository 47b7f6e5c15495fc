import { html } from 'hono/html';
import type { Html } from '../reference/schema.ts';
import { frame } from './frame.ts';

/** The ways in that this instance has. */
export interface Ways {
  password: boolean;
  /** Where sign-in with the Hub begins; null where it is not set up. */
  hub: string | null;
  /** The launcher prints a one-time link. */
  link: boolean;
}

export interface LoginPage {
  ways: Ways;
  onSpace: boolean;
  next: string;
  /** What went wrong with the last try. */
  fault?: string | undefined;
  /** Somebody has signed in, and the browser kept no cookie. */
  cookieLost?: boolean | undefined;
}

export function loginPage({ ways, onSpace, next, fault, cookieLost }: LoginPage): Html {
  const isClosed = !ways.password && ways.hub === null && !ways.link;
  return frame(
    'Sign in',
    html`<main>
  <h1>Operator</h1>
  ${fault !== undefined && html`<p role="alert"><strong>${fault}</strong></p>`}
  ${cookieLost === true && lostCookie(onSpace)}
  ${ways.hub !== null && hubBlock(ways.hub)}
  ${ways.password && passwordForm(next)}
  ${ways.link && linkBlock}
  ${isClosed && closedBlock}
  ${onSpace && !isClosed && html`<p><a href="/admin/" target="_blank" rel="noopener">Open in a new tab</a></p>`}
</main>`,
  );
}

const lostCookie = (onSpace: boolean) =>
  html`<p role="alert"><strong>Your browser kept no cookie for this page.</strong> ${
    onSpace ? 'It may refuse cookies to a page inside another one: open this one in a new tab.' : 'Allow cookies here.'
  }</p>`;

// the provider's page refuses to be framed
const hubBlock = (address: string) =>
  html`<p><a href="${address}" target="_blank" rel="noopener">Sign in with Hugging Face</a></p>`;

const passwordForm = (next: string) => html`<form method="post" action="/admin/login">
    <input type="hidden" name="next" value="${next}">
    <p><label for="password">Password</label><br>
      <input id="password" name="password" type="password" autocomplete="current-password" required></p>
    <p><button>Sign in</button></p>
  </form>`;

const linkBlock = html`<p>Follow the link that was printed when the service started. It works once;
  <code>npm run sign-in</code> prints another.</p>`;

const closedBlock = html`<p>Nobody can sign in here yet. To open this page, do one of these in the Space's settings:</p>
  <ul>
    <li>Add the secret <code>ADMIN_PASSWORD</code>, of 12 characters or more.</li>
    <li>Or add <code>hf_oauth: true</code> to the front matter of <code>README.md</code>: then who made the Space signs in
      with Hugging Face. <code>ADMIN_USERS</code>, <code>ADMIN_VIEWERS</code> and <code>ADMIN_ORGS</code> let others in.</li>
  </ul>
  <p>The Space then restarts by itself.</p>`;

/** Something went wrong on a page of the operator. */
export const faultPage = (title: string, detail: string, requestId: string): Html =>
  frame(
    title,
    html`<main><h1>${title}</h1><p role="alert">${detail}</p><p><a href="/admin/">Back</a></p>
  <p>Request <code>${requestId}</code></p></main>`,
  );
