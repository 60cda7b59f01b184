import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runHere } from "./run-here.ts";

const folder = mkdtempSync(join(tmpdir(), "cli-mistyped-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function config(state: string): void {
  writeFileSync(
    join(folder, "statewave-connectors.toml"),
    `
[statewave]
url = "file:./episodes.jsonl"
[runner]
port = 0
state_dir = "./state"
${state}
[[pull.markdown]]
name = "docs"
schedule = "0 0 1 1 *"
path = "."
[[push.slack]]
name = "team"
signing_secret = "0123456789abcdef0123456789abcdef"
`,
  );
}

describe("a name that no entry has is refused with the one that was meant, before anything is requested or done:", () => {
  beforeAll(() => config('state = { kind = "file" }\ninbox = { kind = "file" }'));

  test.each([
    ["backfill markdown/doc --since 2026-01-01", 'no [[pull.markdown]] entry named "doc"', "did you mean markdown/docs?"],
    [
      "backfill markdown/doc --since 2026-01-01 --dry-run",
      'no [[pull.markdown]] entry named "doc"',
      "did you mean markdown/docs?",
    ],
    ["state undo markdown/doc", 'no [[pull.markdown]] entry named "doc"', "did you mean markdown/docs?"],
    ["state history slack/team", 'no [[pull.slack]] entry named "team"', "did you mean push:slack/team?"],
    ["dead-letters list --source slack/taem", "no entry named slack/taem", "did you mean slack/team?"],
    ["inbox list --source gmail/mine --json", "no entry named gmail/mine", "name one of markdown/docs, slack/team"],
    ["runs markdown/doc", 'no [[pull.markdown]] entry named "doc"', "did you mean markdown/docs?"],
    ["pause gmail/mine", "no entry named gmail/mine", "name one of markdown/docs, slack/team"],
    ["sync gmail/mine", 'no [[pull.gmail]] entry named "mine"', "name one of markdown/docs"],
    ["state reset markdown/doc --yes", "no pull source markdown/doc", "did you mean markdown/docs?"],
    ["state reset markdown/doc", "no pull source markdown/doc", "did you mean markdown/docs?"],
    ["state adopt markdown/doc", "no pull source markdown/doc", "did you mean markdown/docs?"],
    ["state get markdown/doc", 'no [[pull.markdown]] entry named "doc"', "did you mean markdown/docs?"],
    ["state delete markdown/doc", 'no [[pull.markdown]] entry named "doc"', "did you mean markdown/docs?"],
    ["state seed markdown/doc --since 1d", 'no [[pull.markdown]] entry named "doc"', "did you mean markdown/docs?"],
    ["state reset markdown/doc --stream x", 'no [[pull.markdown]] entry named "doc"', "did you mean markdown/docs?"],
    ["state set markdown/doc x", 'no [[pull.markdown]] entry named "doc"', "did you mean markdown/docs? (or use --force"],
    ["state delete-secrets slack/taem", "no entry named slack/taem", "did you mean slack/team?"],
  ])("%s", async (command, said, hint) => {
    const { code, stdout, stderr } = await runHere(folder, command.split(" "));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`there is ${said}`);
    expect(stderr).toContain(`hint: ${hint}`);
  });

  test.each([
    ["pause docs", 2, '"docs" names no entry', "did you mean markdown/docs?"],
    ["resume push:tema", 2, '"push:tema" names no entry', "did you mean slack/team?"],
    ["pause handbook", 2, '"handbook" names no entry', "name one of markdown/docs, slack/team"],
    ["runs", 2, "missing required argument 'source'", "name one of markdown/docs\n"],
    ["runs dcos", 2, "It is not of the form kind/name", "did you mean markdown/docs?"],
    ["state get handbook", 2, "It is not of the form kind/name", "name one of markdown/docs\n"],
    ["simulate", 2, "missing required argument 'source'", "name one of slack/team\n"],
    ["inbox list --source handbook", 2, "It is not of the form kind/name", "name one of markdown/docs, slack/team\n"],
  ])("%s", async (command, expected, said, hint) => {
    const { code, stdout, stderr } = await runHere(folder, command.split(" "));
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
    expect(stderr).toContain(said);
    expect(stderr).toContain(`hint: ${hint}`);
  });

  test.each([
    ["run --port 4000", "unknown option '--port'", "set port in [runner] of the configuration"],
    ["run --state-dir /tmp", "unknown option '--state-dir'", "set state_dir in [runner] of the configuration"],
    ["sync markdown/docs --api-key x", "unknown option '--api-key'", "set api_key in [statewave] of the configuration"],
    ["run --nothing-like-it", "unknown option '--nothing-like-it'", "run `statewave-connectors run --help`"],
    ["run --metrics on", "unknown option '--metrics'", "run `statewave-connectors run --help`"],
    ["run --config", "argument missing", "run `statewave-connectors run --help`"],
    ["run --json", "--json belongs to --once", "run `statewave-connectors run --help`"],
    ["run --log-level loud", "Allowed choices are debug, info, warn, error", "run `statewave-connectors run --help`"],
    ["run here", "too many arguments", "run `statewave-connectors run --help`"],
    ["state copy --from a.toml", "required option '--to <path>'", "run `statewave-connectors state copy --help`"],
    ["healthcheck --port many", "It is not a port", "run `statewave-connectors healthcheck --help`"],
    ["erase", "missing required argument 'subject'", "run `statewave-connectors erase --help`"],
    ["completion", "missing required argument", "run `statewave-connectors completion --help`"],
    ["frobnicate", "unknown command 'frobnicate'", "run `statewave-connectors --help`"],
  ])("%s", async (command, said, hint) => {
    const { code, stdout, stderr } = await runHere(folder, command.split(" "));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(said);
    expect(stderr).toMatch(/\nhint: [^\n]+\n$/);
    expect(stderr).toContain(`hint: ${hint}`);
  });

  test.each([
    ["run --jsn", "(Did you mean --json?)"],
    ["stat", "(Did you mean "],
    ["state", "Usage: statewave-connectors state"],
  ])("%s says by itself what was meant", async (command, said) => {
    const { code, stderr } = await runHere(folder, command.split(" "));
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("hint:");
  });

  test("an undo where there is nothing to undo puts no question", async () => {
    const { code, stderr } = await runHere(folder, ["state", "undo", "markdown/docs"]);
    expect([code, stderr]).toEqual([1, "no change of the cursor of markdown/docs is known\n"]);
  });

  test("a reset where there is no cursor puts no question", async () => {
    const { code, stdout, stderr } = await runHere(folder, ["state", "reset", "markdown/docs"]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "there was no cursor to forget\n", stderr: "" });
  });

  test("a copy of a state onto itself is refused", async () => {
    const [from, to] = ["--from=statewave-connectors.toml", "--to=./statewave-connectors.toml"];
    const { code, stdout, stderr } = await runHere(folder, ["state", "copy", from, to, "--yes"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("name the same file");
  });

  test("a prune where nothing is to be forgotten names no further step", async () => {
    const { code, stdout } = await runHere(folder, ["state", "prune"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "0 cursors would be forgotten\n" });
  });

  test("a dead letter that there is not is no deed that was done", async () => {
    for (const action of ["retry", "discard"])
      expect(await runHere(folder, ["dead-letters", action, "77", "--yes"])).toMatchObject({
        code: 1,
        stderr: 'there is no dead letter "77"\n',
      });
    const { stdout } = await runHere(folder, ["audit", "--json"]);
    const [last, first] = stdout.split("\n").map((line) => (line === "" ? {} : (JSON.parse(line) as object)));
    for (const entry of [first, last])
      expect(entry).toMatchObject({ targets: ["77"], outcome: "failed", error: { message: 'there is no dead letter "77"' } });
  });

  test("a back-up into a file names a folder as what it needs", async () => {
    const { code, stderr } = await runHere(folder, ["backup", "statewave-connectors.toml"]);
    expect(code).toBe(4);
    expect(stderr).toContain("hint: name a new folder");
  });
});

test("a restore into a state in memory says so, and names no server", async () => {
  config("");
  const { code, stderr } = await runHere(folder, ["restore", "somewhere", "--yes"]);
  expect(code).toBe(4);
  expect(stderr).toContain("are held in memory");
  expect(stderr).not.toContain("pg_dump");
});
