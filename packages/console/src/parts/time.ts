import { type Html, html } from "../html.ts";

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

const relative = new Intl.RelativeTimeFormat("en", { style: "narrow" });

/** `5m ago` or `in 2h`, with the instant itself. */
export function when(atMs: number | undefined, nowMs: number): Html {
  if (!isInstant(atMs)) return html`–`;
  const [unit, size] = unitOf(atMs - nowMs);
  const iso = new Date(atMs).toISOString();
  const text = relative.format(Math.trunc((atMs - nowMs) / size), unit);
  return html`<time datetime="${iso}" title="${iso.slice(0, 19).replace("T", " ")} UTC">${text}</time>`;
}

/** A length of time in its largest unit: `3h`. */
export function lasting(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (Math.abs(ms) < 1_000) return `${Math.round(ms)}ms`;
  const [unit, size] = unitOf(ms);
  return `${Math.trunc(Math.abs(ms) / size)}${unit.slice(0, 1)}`;
}

/** What a store holds may have been written when a clock was wrong. */
function isInstant(atMs: number | undefined): atMs is number {
  return atMs !== undefined && Math.abs(atMs) <= 8.64e15;
}

function unitOf(ms: number) {
  return units.find(([, size]) => Math.abs(ms) >= size) ?? units[3];
}
