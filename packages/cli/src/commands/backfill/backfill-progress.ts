import type { BackfillView } from "@statewave-connectors/runner/operations";
import { backfillToJson } from "./backfill-json.ts";
import type { CommandTerminal } from "../../terminal/clean-terminal.ts";
import { counted } from "../../terminal/counted.ts";
import { formatAge } from "../../terminal/format-age.ts";

export interface BackfillProgress {
  readonly show: (view: BackfillView) => void;
  /** To be called when it is over, before anything else is printed. */
  readonly end: () => void;
}

const redrawEveryMs = 200;
const lineEveryMs = 10_000;
const jsonEveryMs = 2_000;
const barLength = 24;

/** Shows how far a backfill is: a bar on a terminal, a line every 10 seconds elsewhere, with `--json` a JSON line every two. */
export function backfillProgress(
  { stdout, stderr, redraw }: Pick<CommandTerminal, "stdout" | "stderr" | "redraw">,
  { json, nowMs }: { readonly json: boolean; readonly nowMs: () => number },
): BackfillProgress {
  let nextAtMs = json || redraw === undefined ? nowMs() + (json ? jsonEveryMs : lineEveryMs) : 0;
  let isDrawn = false;
  const every = (ms: number, act: () => void) => {
    if (nowMs() < nextAtMs) return;
    nextAtMs = nowMs() + ms;
    act();
  };
  return {
    show(view) {
      if (json) every(jsonEveryMs, () => stdout.write(`${JSON.stringify({ progress: backfillToJson(view) })}\n`));
      else if (redraw === undefined) every(lineEveryMs, () => stderr.write(`${view.source}: ${backfillLine(view)}\n`));
      else
        every(redrawEveryMs, () => {
          isDrawn = true;
          redraw(`${view.source} ${bar(view)}${backfillLine(view)}`);
        });
    },
    end() {
      if (isDrawn) stderr.write("\n");
      isDrawn = false;
    },
  };
}

/** How far it is, in words. */
export function backfillLine(view: BackfillView): string {
  const { episodes, delivered, buried, skipped, failed, expected, remaining, activeMs, status, pause } = view;
  const perSecond = activeMs < 1_000 ? undefined : (episodes * 1_000) / activeMs;
  return [
    `${counted(episodes, "episode")} read${expected === undefined ? "" : ` of ${expected}`}`,
    `${delivered} delivered`,
    ...(buried === 0 ? [] : [`${buried} buried`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
    ...(perSecond === undefined ? [] : [`${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`]),
    ...(remaining === undefined || status !== "open" ? [] : [`${formatAge(remaining.remainingMs)} left`]),
    ...(pause === undefined ? [] : [`waits until ${new Date(pause.untilMs).toISOString()}: ${pause.message} [${pause.code}]`]),
  ].join(", ");
}

function bar({ remaining }: BackfillView): string {
  if (remaining === undefined) return "";
  const full = Math.round(remaining.fraction * barLength);
  return `[${"#".repeat(full)}${"-".repeat(barLength - full)}] ${Math.floor(remaining.fraction * 100)}% `;
}
