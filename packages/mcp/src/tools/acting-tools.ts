import { z } from "zod";
import type { CommandOutcome } from "../command.ts";
import { isRecord } from "../foreign-fields.ts";
import { answerOfLines, type JsonRecord, recordsOfLines } from "./read-output.ts";
import { defineTool, type Tool, type ToolAnswer } from "./tool.ts";

const acts = { acts: true, reachesOut: false } as const;
const entries = z
  .array(z.string().min(1).max(300))
  .min(1)
  .max(50)
  .describe("kind/name of each, or pull:kind/name and push:kind/name where both exist.");
const reason = z.string().min(1).max(400).describe("Why: operators see it.");

const pause = defineTool({
  ...acts,
  name: "pause",
  title: "Hold entries",
  description: "Holds entries until they are resumed: a pull source runs no more, a receiver answers 503. Nothing is lost by it.",
  input: { entries, reason },
  foreign: ["changes[].requests[].reason", "changes[].requests[].as"],
  call: async ({ entries: names, reason: why }, { run, actor }) =>
    answerOfLines(
      await run({ name: ["pause"], options: ["--json", `--as=${actor}`, `--reason=${why}`], operands: names }),
      (changes) => ({ changes }),
    ),
});

const resume = defineTool({
  ...acts,
  name: "resume",
  title: "End the pause of entries",
  description: "Ends the pause of entries, also one that an operator requested. Look at `status` first: it shows the reasons.",
  input: { entries, reason: reason.optional() },
  foreign: pause.foreign,
  call: async ({ entries: names, reason: why }, { run, actor }) => {
    const options = ["--json", `--as=${actor}`, ...(why === undefined ? [] : [`--reason=${why}`])];
    return answerOfLines(await run({ name: ["resume"], options, operands: names }), (changes) => ({ changes }));
  },
});

const backfill = defineTool({
  ...acts,
  reachesOut: true,
  name: "backfill",
  title: "Read a range again",
  description:
    "Reads a range of a pull source again and delivers it; the live cursor stays where it is. Count the episodes with `dry_run` first. " +
    "It answers when the backfill ends or after `wait_seconds`: a running process continues with it, and `backfills` shows how far it " +
    "is. Where no process runs, it stops at a checkpoint instead, and the same call continues it.",
  input: {
    source: z.string().min(1).max(300).describe("kind/name of a pull source."),
    since: z.string().min(1).max(64).describe("The first moment: a date, a date with time, or an age such as 90d."),
    until: z.string().min(1).max(64).optional().describe("The first moment that is outside. Default: now."),
    stream: z.string().min(1).max(200).optional().describe("Only this stream of the source."),
    rate: z.string().min(1).max(20).optional().describe("At most so many episodes: 50/s, 600/m or 10000/h."),
    dry_run: z.boolean().default(false).describe("Only count: deliver nothing, write nothing."),
    wait_seconds: z.number().int().min(1).max(50).default(25).describe("How long to wait for its end."),
  },
  foreign: [
    "backfill.error.message",
    "backfill.error.hint",
    "backfill.pause.message",
    "progress.pause.message",
    // Keys that a connector chose.
    "count.by_kind",
  ],
  call: async (input, { run, actor, signal }) => {
    const { source, dry_run: isDryRun, wait_seconds: waitSeconds, since, until, stream, rate } = input;
    const range = Object.entries({ since, until, stream, rate }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    );
    const options = ["--json", ...range, ...(isDryRun ? ["--dry-run"] : ["--yes", `--as=${actor}`])];
    const waited = AbortSignal.any([signal, AbortSignal.timeout(waitSeconds * 1_000)]);
    const ended = await run({ name: ["backfill"], options, operands: [source], signal: waited });
    if (!waited.aborted || signal.aborted) return backfillAnswer(ended);
    if (isDryRun) return { data: { remark: uncounted }, outcome: { ...ended, exitCode: 0, stderr: "" } };
    const listed = await run({ name: ["backfill", "list"], options: ["--json"], operands: [] });
    return answerOfLines(listed, (found) => stillOpen(found.find(({ id }) => id === begunIn(ended))));
  },
});

const uncounted =
  "the count did not end in time, and nothing of it is stored: the same call counts from the beginning; shorten the range or wait longer";

/** Tools that change something: none of them edits, discards or resets anything. */
export const actingTools: readonly Tool[] = [pause, resume, backfill];

/** Of progress lines and the result only the last is of interest. */
function backfillAnswer(ended: CommandOutcome): ToolAnswer {
  const answer = answerOfLines(ended, (lines) => lines.at(-1) ?? {});
  return ended.exitCode === 0 ? answer : { ...answer, data: undefined };
}

/** The id of the backfill that the command began or resumed. */
function begunIn({ stdout }: CommandOutcome): unknown {
  const begun = recordsOfLines(stdout).find((line) => "begun" in line)?.["begun"];
  return isRecord(begun) ? begun["id"] : undefined;
}

function stillOpen(backfillNow: JsonRecord | undefined): JsonRecord {
  if (backfillNow === undefined) return { remark: "it had not begun: the same call begins again" };
  // It ended between the wait and the look.
  if (backfillNow["status"] !== "open" && backfillNow["status"] !== "stopped") return { backfill: backfillNow };
  const isRunning = backfillNow["running_in"] !== undefined;
  const remark = isRunning
    ? "it is not over: a running process continues with it; look at `backfills`"
    : "it is not over, and stands at its last checkpoint: the same call continues it";
  return { remark, backfill: backfillNow };
}
