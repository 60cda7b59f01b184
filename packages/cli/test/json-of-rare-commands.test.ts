import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Episode } from "@statewave-connectors/connector-sdk";
import type { BackfillView } from "@statewave-connectors/runner/operations";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backfillToJson, rangeCountToJson } from "../src/commands/backfill/backfill-json.ts";
import { newConnector } from "../src/commands/connector/new-connector.ts";
import { queuedToJson } from "../src/commands/inspect/json-inbox.ts";
import { outputFaults, outputOf } from "../src/json-shapes/index.ts";
import { letterToJson } from "../src/terminal/json-style.ts";
import { runHere } from "./run-here.ts";

function faultsOf(command: string, text: string): readonly string[] {
  const output = outputOf([...command.split(" "), "--json"]);
  if (output === undefined) throw new Error(`${command} is not described`);
  return outputFaults(output, text);
}

const source = { kind: "github", name: "widgets" };
const whole = {
  subject: "repo:acme/widgets",
  kind: "github.issue.opened",
  text: "ada opened issue 7",
  occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "github.issue", id: "acme/widgets#7", url: "https://github.com/acme/widgets/issues/7" },
  idempotency_key: "issue-7",
  title: "It hangs",
  breadcrumb: "acme > widgets",
  session: "issue-7",
  author: { name: "ada", kind: "member", verifiedBy: "github" },
  outcome: { status: "closed", reason: "it was mended" },
  metadata: { labels: ["bug"] },
  candidates: [{ kind: "domain_fact", text: "It hangs at night." }],
} satisfies Required<Episode>;

describe("what is stored is printed as the reference describes it:", () => {
  const stored = { source, receivedAtMs: 0 };
  test.each([
    ["an event", { ...stored, type: "event", id: "1", headers: { "x-a": "b" }, body: "{}" }],
    ["an event that is no text", { ...stored, type: "event", headers: {}, body_base64: "/w==" }],
    ["a trigger", { ...stored, type: "trigger", id: "1", part: "issues" }],
    ["an episode", { ...stored, type: "episode", episode: whole }],
    ["a failed item", { ...stored, type: "item", id: "7", direction: "pull", raw: { a: 1 }, yielded: [1] }],
  ] as const)("%s", (_, item) => {
    const about = { kind: "k", id: "1", subject: "s", idempotency_key: "i" };
    const letter = { key: "1", source, type: "event", reason: "no", buriedAtMs: 0, about, item } as const;
    const queued = { key: "1", ...stored, type: item.type, id: "1", acceptedAtMs: 0, attempt: 1, isClaimed: false } as const;
    expect(faultsOf("dead-letters show", JSON.stringify(letterToJson(letter)))).toEqual([]);
    expect(faultsOf("inbox show", JSON.stringify(queuedToJson({ ...queued, notBeforeMs: 1, bodyCharacters: 2, item })))).toEqual(
      [],
    );
  });
});

test("a backfill and a count are printed as the reference describes them", () => {
  const counts = { pages: 1, episodes: 1, delivered: 1, buried: 0, skipped: 0, failed: 0 };
  const error = { code: "A_B", message: "no", hint: "wait" };
  const range = { source: "github/widgets", since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z", stream: "issues" };
  const view: Required<BackfillView> = {
    ...range,
    ...counts,
    id: "a",
    perSecond: 1,
    expected: 2,
    sink: "stdout",
    status: "failed",
    runningIn: { host: "web", pid: 1 },
    startedAtMs: 0,
    updatedAtMs: 0,
    activeMs: 0,
    error,
    pause: { ...error, untilMs: 1 },
    remaining: { fraction: 0.5, remainingMs: 1, by: "count" },
  };
  const shown = backfillToJson(view);
  expect(faultsOf("backfill list", JSON.stringify(shown))).toEqual([]);
  const { delivered: _, buried: __, ...read } = counts;
  const found = { ...read, byKind: { a: 1 }, firstAt: range.since, lastAt: range.until };
  const count = rangeCountToJson(range.source, { since: range.since, until: range.until, stream: "issues" }, found);
  const lines = [{ begun: { id: "a" } }, { progress: shown }, { backfill: shown }, { count }];
  expect(faultsOf("backfill", lines.map((line) => JSON.stringify(line)).join("\n"))).toEqual([]);
});

describe("on a file state a command prints what the reference describes:", () => {
  const folder = mkdtempSync(join(tmpdir(), "cli-rare-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    writeFileSync(
      join(folder, "statewave-connectors.toml"),
      `[statewave]
url = "file:./episodes.jsonl"
[runner.state]
kind = "file"
[[pull.github]]
name = "widgets"
schedule = "0 0 1 1 *"
repo = "acme/widgets"
token = "ghp_x"
[[push.slack]]
name = "team"
signing_secret = "0123456789abcdef"
`,
    );
    await runHere(folder, ["backup", "copy"]);
  });

  // `runHere` throws where the output differs from its description.
  test.each([
    ["state seed github/widgets --since 2026-01-01 --yes"],
    ["state reset github/widgets --stream issues --yes"],
    ["state undo github/widgets --yes"],
    ["state prune"],
    ["state prune --yes"],
    ["restore copy --yes"],
    ["dead-letters retry --all --yes"],
    ["dead-letters discard --all --yes"],
    ["erase repo:acme/widgets --yes"],
    ["simulate slack/team"],
    ["pause slack/team --reason why"],
    ["resume slack/team"],
  ])("%s", async (command) => {
    const { code, stdout, stderr } = await runHere(folder, [...command.split(" "), "--json"]);
    expect({ code, stderr, isEmpty: stdout === "" }).toEqual({ code: 0, stderr: expect.any(String), isEmpty: false });
  });
});

test("new-connector prints what the reference describes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cli-rare-"));
  let stdout = "";
  const terminal = { stdout: { write: (text: string) => void (stdout += text) }, cwd: folder };
  try {
    await newConnector({ terminal } as never, "acme", { template: { "package.json": "{}" }, json: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  expect(Object.keys(JSON.parse(stdout) as object)).toEqual(["kind", "folder", "files"]);
  expect(faultsOf("new-connector", stdout)).toEqual([]);
});
