import { z } from "zod";
import { answerOf, answerOfLines, type JsonRecord, recordsIn } from "./read-output.ts";
import { defineTool, type Tool } from "./tool.ts";

const looks = { acts: false, reachesOut: false } as const;
const limit = (usual: number) => z.number().int().min(1).max(100).default(usual).describe("How many at most.");
const source = z.string().min(1).max(300).describe("kind/name of an entry, such as github/main.");
const time = (meaning: string) =>
  z.string().min(1).max(64).describe(`${meaning}: a date, a date with time, or an age such as 2h.`);
const noOperands = { operands: [] } as const;

const status = defineTool({
  ...looks,
  name: "status",
  title: "How everything stands",
  description:
    "Shows how every source and receiver, the inbox, the processes and the sink stand, the worst first: failures, paused entries, " +
    "lag, dead letters. Begin here. Exit code 0: all is well, 10: something needs attention, 11: something fails.",
  input: {
    entry: z.string().min(1).max(300).optional().describe("Only entries whose name contains this text."),
    limit: limit(20),
  },
  foreign: [
    "entries[].error.message",
    "entries[].paused.requests[].reason",
    "entries[].paused.requests[].as",
    "processes[].sink.reason",
  ],
  call: async ({ entry, limit: most }, { run }) =>
    answerOf(await run({ ...noOperands, name: ["status"], options: ["--json"] }), (report) => {
      const all = recordsIn(report, "entries");
      const chosen = entry === undefined ? all : all.filter((each) => String(each["entry"]).includes(entry));
      const { entries: _, ...rest } = report;
      // Entries may be many, and what stands behind them is left out first.
      return { ...rest, entries_found: chosen.length, conditions: countBy(all, "condition"), entries: chosen.slice(0, most) };
    }),
});

const runs = defineTool({
  ...looks,
  name: "runs",
  title: "What the runs of a source did",
  description:
    "Lists the latest runs of a pull source with the account of each: fetched = mapped + skipped + failed, and " +
    "mapped = delivered + buried. `balanced` is false for a run that lost track of something.",
  input: { source, limit: limit(10) },
  foreign: ["runs[].error.message"],
  call: async ({ source: name, limit: most }, { run }) =>
    answerOfLines(await run({ name: ["runs"], options: ["--json"], operands: [name] }), (found) => ({
      runs: found.slice(0, most),
      runs_found: found.length,
    })),
});

const deadLetters = defineTool({
  ...looks,
  name: "dead_letters",
  title: "What could not be delivered",
  description: "Lists dead letters, the oldest first: events, episodes and items that could not be mapped or delivered, and why.",
  input: {
    source: source.optional(),
    kind: z.string().min(1).max(100).optional().describe("Only of this kind of source, or of episode."),
    reason: z.string().min(1).max(200).optional().describe("Only those whose reason contains this text."),
    since: time("Only those buried then or later").optional(),
    until: time("Only those buried before").optional(),
    limit: limit(20),
  },
  foreign: ["kind", "id", "subject", "idempotency_key", "reason"].map((name) => `letters[].${name}`),
  call: async ({ limit: most, ...filters }, { run }) => {
    const options = ["--json", `--limit=${most}`, ...Object.entries(filters).map(([name, value]) => `--${name}=${value}`)];
    return answerOfLines(await run({ ...noOperands, name: ["dead-letters", "list"], options }), (letters) => ({ letters }));
  },
});

const deadLetter = defineTool({
  ...looks,
  name: "dead_letter",
  title: "One dead letter",
  description:
    "Shows a dead letter with what was buried: the body and headers of an event, an episode, or an item. Long texts are cut.",
  input: { key: z.string().min(1).max(300).describe("Its key, as `dead_letters` lists it.") },
  foreign: ["kind", "id", "subject", "idempotency_key", "reason", "item"],
  textCharacters: 8_000,
  call: async ({ key }, { run }) =>
    answerOf(await run({ name: ["dead-letters", "show"], options: [], operands: [key] }), withoutBytes),
});

const doctor = defineTool({
  ...looks,
  reachesOut: true,
  name: "doctor",
  title: "Check the whole way",
  description:
    "Checks the configuration, the state, Statewave, the token and rights of every source, every receiver and the machine. " +
    "It calls the providers and Statewave, and may take a minute. Lists what is not well, with hints; `all` lists everything.",
  input: { all: z.boolean().default(false).describe("Also list what is well.") },
  foreign: ["subjects[].results[].message", "subjects[].results[].hint"],
  call: async ({ all }, { run }) =>
    answerOfLines(await run({ ...noOperands, name: ["doctor"], options: ["--json"] }), (lines) => {
      const subjects = lines.filter((line) => "entry" in line);
      const shown = all ? subjects : subjects.filter((subject) => recordsIn(subject, "results").some(isNotWell));
      const counts = lines.find((line) => "failures" in line);
      return { checked: subjects.length, ...counts, subjects: all ? shown : shown.map(withoutWell) };
    }),
});

const trace = defineTool({
  ...looks,
  name: "trace",
  title: "Where an event is",
  description: "Says where an event or an episode is: waiting in the inbox, claimed by a process, a dead letter, or settled.",
  input: {
    id: z
      .string()
      .min(1)
      .max(1_000)
      .describe("The provider's id of the delivery, an idempotency key, or the key of an inbox item or a dead letter."),
  },
  foreign: ["id", "kind", "subject", "idempotency_key", "reason"].map((name) => `findings[].${name}`),
  call: async ({ id }, { run }) => answerOf(await run({ name: ["trace"], options: ["--json"], operands: [id] })),
});

const backfills = defineTool({
  ...looks,
  name: "backfills",
  title: "Backfills and how far they are",
  description:
    "Lists backfills, the latest first: the range, how many episodes were delivered, how long the rest takes, and errors.",
  input: { limit: limit(10) },
  foreign: ["backfills[].error.message", "backfills[].error.hint", "backfills[].pause.message"],
  call: async ({ limit: most }, { run }) =>
    answerOfLines(await run({ ...noOperands, name: ["backfill", "list"], options: ["--json"] }), (found) => ({
      backfills: found.slice(0, most),
      backfills_found: found.length,
    })),
});

/** Tools that change nothing. */
export const seeingTools: readonly Tool[] = [status, runs, deadLetters, deadLetter, doctor, trace, backfills];

function isNotWell({ level }: JsonRecord): boolean {
  return level !== "ok";
}

function withoutWell(subject: JsonRecord): JsonRecord {
  return { ...subject, results: recordsIn(subject, "results").filter(isNotWell) };
}

/** Bytes that are no text tell an agent nothing, and no rule of privacy reads them. */
function withoutBytes(letter: JsonRecord): JsonRecord {
  const [item] = recordsIn({ item: [letter["item"]] }, "item");
  if (item === undefined || typeof item["body_base64"] !== "string") return letter;
  const { body_base64: bytes, ...rest } = item;
  return { ...letter, item: { ...rest, body_bytes: Math.floor((bytes.length * 3) / 4) } };
}

function countBy(records: readonly JsonRecord[], key: string): JsonRecord {
  const counts: Record<string, number> = {};
  for (const record of records) counts[String(record[key])] = (counts[String(record[key])] ?? 0) + 1;
  return counts;
}
