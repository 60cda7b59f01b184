import { html } from "../html.ts";
import type { ConsolePage } from "../visit.ts";

export function notFound(why: string): ConsolePage {
  return {
    title: "Not found",
    status: 404,
    main: html`<h1>Not found</h1>
      <p>${why}</p>
      <p><a href="/console/">All sources</a></p>`,
  };
}
