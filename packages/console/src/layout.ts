import { raw } from "hono/html";
import { type Html, html, plain } from "./html.ts";
import type { ConsolePage } from "./visit.ts";

/** What surrounds every page. */
export interface PageFrame {
  /** Of the runner. */
  readonly version: string;
  /** Addresses of the files of the page. */
  readonly assets: { readonly style: string; readonly script: string; readonly morph: string };
  /** The path of this page. */
  readonly path: string;
  /** Undefined: no visitor is signed in, or none has to be. */
  readonly signOut: { readonly visitor: string; readonly formToken: string } | undefined;
  /** Whether there is anything to go to. */
  readonly hasNavigation: boolean;
}

const sections = [
  ["/console/", "Sources"],
  ["/console/activity", "Activity"],
  ["/console/inbox", "Inbox"],
  ["/console/letters", "Dead letters"],
  ["/console/backfills", "Backfills"],
  ["/console/audit", "Audit log"],
] as const;

/** A whole page. */
export function layout(
  { title, main, isLive = false }: ConsolePage,
  { version, assets, path, signOut, hasNavigation }: PageFrame,
): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${plain(title.replaceAll(directional, ""), 80)} – Statewave connectors</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${assets.style}" />
        ${script(assets.morph)} ${script(assets.script)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <p class="brand">Statewave connectors <span class="none">${plain(version, 40)}</span></p>
          ${hasNavigation ? navigation(path) : ""} ${signOut === undefined ? "" : signOutForm(signOut)}
        </header>
        <main id="main" tabindex="-1" ${isLive ? "data-live" : ""}>${main}</main>
        <footer>
          <p id="live" role="status">${isLive ? "This page shows how it was when it was loaded." : ""}</p>
        </footer>
      </body>
    </html>`;
}

/** Not in a tagged template: bundlers rewrite those that contain the end of a script. */
function script(path: string): Html {
  return raw(`<script src="${path}" defer></script>`);
}

const directional = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function navigation(path: string): Html {
  return html`<nav aria-label="Sections">
    <ul>
      ${sections.map(([href, name]) => html`<li><a href="${href}" ${isIn(href, path) ? html`aria-current="page"` : ""}>${name}</a></li>`)}
    </ul>
  </nav>`;
}

function isIn(href: string, path: string): boolean {
  return href === "/console/" ? path === href || path.startsWith("/console/sources/") : path.startsWith(href);
}

function signOutForm({ visitor, formToken }: NonNullable<PageFrame["signOut"]>): Html {
  return html`<form class="sign-out" method="post" action="/console/logout">
    <input type="hidden" name="form_token" value="${formToken}" />
    <span class="none">${plain(visitor, 60)}</span> <button>Sign out</button>
  </form>`;
}
