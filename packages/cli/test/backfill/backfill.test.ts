import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runHere } from "../run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-backfill-"));
  await writeFile(join(folder, "ranged.mjs"), connectorSource);
  await writeFile(join(folder, "statewave-connectors.toml"), toml);
});
afterEach(async () => {
  Object.assign(globalThis, { rangedBreaks: undefined });
  await rm(folder, { recursive: true, force: true });
});

/** Two pages. The second one fails while `rangedBreaks` is set. */
const connectorSource = `
const episode = (id) => ({
  subject: "ranged:all", kind: "ranged.item", text: "item " + id, occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "ranged.item", id }, idempotency_key: "key-" + id });
const config = { entries: {}, "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
export const connector = {
  kind: "ranged",
  version: "1.0.0",
  pull: {
    config,
    open: () => ({
      async *pages() {},
      async *range(range, cursor) {
        if (cursor === undefined) yield { episodes: [episode("a")], cursor: "1" };
        if (globalThis.rangedBreaks) throw new TypeError("the second page is broken");
        yield { episodes: [episode("b")], cursor: "2" };
      },
    }),
  },
};
`;

const toml = `
[statewave]
url = "file:./episodes.jsonl"

[runner]
state_dir = "./state"
[runner.state]
kind = "file"

[connectors]
ranged = "./ranged.mjs"

[[pull.ranged]]
name = "all"
schedule = "0 0 1 1 *"
`;

test("cancel waits for no confirmation of an id that names nothing, names the source of one that does, and records how it stood", async () => {
  Object.assign(globalThis, { rangedBreaks: true });
  await runHere(folder, ["backfill", "ranged/all", "--since", "90d", "--yes"]);
  const { id } = JSON.parse((await runHere(folder, ["backfill", "list", "--json"])).stdout) as { readonly id: string };
  expect(await runHere(folder, ["backfill", "cancel", "nothing"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("PULL_BACKFILL_UNKNOWN"),
  });
  expect((await runHere(folder, ["backfill", "cancel", id])).stderr).toBe(
    `error: this would cancel the backfill ${id} of ranged/all: pass --yes to confirm it\n`,
  );
  await runHere(folder, ["backfill", "cancel", id, "--yes"]);
  const [latest = ""] = (await runHere(folder, ["audit", "--json"])).stdout.split("\n");
  expect(JSON.parse(latest)).toMatchObject({
    command: "backfill cancel",
    before: { status: expect.not.stringContaining("cancelled") },
    after: { status: "cancelled" },
  });
});

test("a backfill that continues one of an age names the range that it reads", async () => {
  Object.assign(globalThis, { rangedBreaks: true });
  const command = ["backfill", "ranged/all", "--since", "90d"];
  expect((await runHere(folder, [...command, "--yes"])).stderr).toContain("the second page is broken");
  const [left] = (await runHere(folder, ["backfill", "list", "--json"])).stdout.trim().split("\n");
  const { id, since, until } = JSON.parse(left ?? "") as Readonly<Record<"id" | "since" | "until", string>>;
  Object.assign(globalThis, { rangedBreaks: undefined });
  expect((await runHere(folder, command)).stderr).toContain(
    `this would continue the backfill ${id}, which reads ranged/all from ${since} to ${until}: pass --yes`,
  );
  const ended = await runHere(folder, [...command, "--yes"]);
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining("2 episodes read") });
  expect(ended.stderr).toContain(`ranged/all: continues the backfill ${id}, from ${since} to ${until}\n`);
});
