import { html } from "hono/html";

export { html };

/** A piece of a page. What is put into one is escaped, unless it is one itself. */
export type Html = ReturnType<typeof html>;

const mostCharacters = 400;

/** A text from outside: cut, isolated from the direction of what surrounds it, and without characters that a page cannot hold. */
export function foreign(text: string, most = mostCharacters): Html {
  return html`<bdi>${plain(text, most)}</bdi>`;
}

/** The same for a place that takes no elements. */
export function plain(text: string, most = mostCharacters): string {
  const wellFormed = text.slice(0, most).toWellFormed().replaceAll(controls, "\u{FFFD}");
  return text.length <= most ? wellFormed : `${wellFormed}… (${text.length.toLocaleString("en")} characters)`;
}

// oxlint-disable-next-line no-control-regex -- these are what is replaced
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

const directional = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** JSON for people. What turns the direction of a text shows as its escape. */
export function shownJson(value: unknown, most: number): string {
  const text = JSON.stringify(value, undefined, 2) ?? "null";
  const cut = text.slice(0, most).toWellFormed().replaceAll(directional, escapeOf).replaceAll(controls, "\u{FFFD}");
  return text.length <= most ? cut : `${cut}\n… ${text.length.toLocaleString("en")} characters in all`;
}

function escapeOf(character: string): string {
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
