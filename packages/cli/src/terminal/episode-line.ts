import type { Episode } from "@statewave-connectors/connector-sdk";

/** An episode on one line of a terminal: when, what, and its first line. */
export function episodeLine({ occurred_at, kind, text }: Episode): string {
  return `${occurred_at}  ${kind}  ${firstLine(text)}\n`;
}

const firstLineLength = 120;

function firstLine(text: unknown): string {
  // A connector in plain JavaScript may yield no text. What a source wrote must not steer the terminal.
  const line = (String(text).split("\n", 1)[0] ?? "").replaceAll(/\p{Cc}/gu, " ");
  return line.length > firstLineLength ? `${line.slice(0, firstLineLength)}…` : line;
}

/** How many items were left out for which reason, in parentheses; nothing when none was. */
export function formatReasons(reasons: Readonly<Record<string, number>> | undefined): string {
  return reasons === undefined ? "" : ` (${formatCounts(reasons)})`;
}

/** e.g. `3 bot, 1 too_large`. */
export function formatCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}
