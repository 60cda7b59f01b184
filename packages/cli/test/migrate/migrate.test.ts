import { existsSync, readdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import { EarlierRunner, migrateSecrets } from "./earlier-runner.ts";

const earlier = new EarlierRunner();
const inFile = 'kind = "file"\npath = "cursors.json"';

test("a dry run says of each entry what becomes of it, and writes nothing", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({ "zendesk/support": "MTU3", "gmail/founder": "123", "github/gone": "x" });
  const { code, stdout } = await earlier.migrate();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^pull zendesk\/support: started anew$/m);
  expect(stdout).toContain("`statuses` was ignored by the earlier runner, and takes effect here.");
  expect(stdout).toMatch(/^pull notion\/wiki: not possible: there is no connector for notion$/m);
  expect(stdout).toMatch(/^push slack\/team: converted$/m);
  expect(stdout).toMatch(/that are not moved:\n {2}github\/gone\n/);
  expect(stdout).toContain("GMAIL_FOUNDER_REFRESH_TOKEN: `refresh_token`");
  expect(stdout).toContain("Idempotency keys of the two runners differ");
  expect(readdirSync(earlier.folder).toSorted()).toEqual(["cursors.json", "old.toml"]);
});

test("writes a file that is valid, and never over another one without --force", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({});
  expect(await earlier.migrate("--write", "new.toml")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("written: new.toml"),
  });
  expect(readFileSync(earlier.path("new.toml"), "utf8")).not.toMatch(migrateSecrets);
  const valid = await earlier.run("validate-config", "--config", "new.toml");
  expect(valid).toMatchObject({ code: 0 });
  earlier.write("new.toml", "mine");
  expect(await earlier.migrate("--write", "new.toml")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("RUNNER_INIT_FILE_EXISTS"),
  });
  expect(readFileSync(earlier.path("new.toml"), "utf8")).toBe("mine");
  expect(await earlier.migrate("--write", "new.toml", "--force")).toMatchObject({ code: 0 });
  expect(readFileSync(earlier.path("new.toml"), "utf8")).toContain("[[pull.zendesk]]");
});

test("never writes over the file that is moved from, by whatever name", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({});
  symlinkSync("old.toml", earlier.path("link.toml"));
  const before = readFileSync(earlier.path("old.toml"), "utf8");
  for (const name of ["old.toml", "./old.toml", "link.toml"]) {
    expect(await earlier.migrate("--write", name, "--force")).toMatchObject({
      stderr: expect.stringContaining("RUNNER_MIGRATE_ITSELF"),
    });
  }
  expect(readFileSync(earlier.path("old.toml"), "utf8")).toBe(before);
});

test("--yes sets where sources begin and stores the backfill, and a second time changes nothing", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({ "zendesk/support": "MTU3" });
  const first = await earlier.migrate("--write", "new.toml", "--since", "2026-01-01", "--yes");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toMatch(/zendesk\/support: the next run begins at /);
  expect(first.stdout).toMatch(/gmail\/founder: the next run begins at 2026-01-01T00:00:00.000Z/);
  const id = /the backfill (\w+) reads 2026-01-01T00:00:00.000Z to /.exec(first.stdout)?.[1];
  const atNew = (...args: readonly string[]) => earlier.run(...args, "--config", "new.toml");
  expect((await atNew("backfill", "list")).stdout).toContain(id);
  const states = (await atNew("state", "list", "--json")).stdout;
  expect(await earlier.migrate("--config", "new.toml", "--since", "2026-01-01", "--yes")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("gmail/founder: has a cursor in the new state and keeps it"),
  });
  expect((await atNew("state", "list", "--json")).stdout).toBe(states);
  expect((await atNew("audit")).stdout).toContain("migrate");
  expect(readFileSync(earlier.path("cursors.json"), "utf8")).toBe('{"version":1,"cursors":{"zendesk/support":"MTU3"}}');
});

test("--yes begins no second backfill, not even after the first one is over and the cursor file was written again", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({ "zendesk/support": "MTU3" });
  const first = await earlier.migrate("--write", "new.toml", "--since", "2026-01-01", "--yes");
  const id = /the backfill (\w+) reads/.exec(first.stdout)?.[1] ?? "";
  const backfills = async () => (await earlier.run("backfill", "list", "--json", "--config", "new.toml")).stdout;
  expect(await earlier.run("backfill", "cancel", id, "--yes", "--config", "new.toml")).toMatchObject({ code: 0 });
  const before = await backfills();
  expect(before).toContain(id);
  utimesSync(earlier.path("cursors.json"), new Date("2026-06-01"), new Date("2026-06-01"));
  const second = await earlier.migrate("--config", "new.toml", "--since", "2026-02-01", "--yes");
  expect(second.stdout).toContain("zendesk/support: has a cursor in the new state and keeps it");
  expect(await backfills()).toBe(before);
});

test("a name of no source is listed and keeps no other source from being moved", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({ "zendesk/support": "MTU3", "Gmail inbox": "1" });
  const { code, stdout } = await earlier.migrate();
  expect(code).toBe(0);
  expect(stdout).toContain("its cursor (4 bytes) is not used");
  expect(stdout).toMatch(/that are not moved:\n {2}"Gmail inbox"\n/);
  earlier.writeCursors({ "Gmail inbox": "1" });
  expect(await earlier.migrate()).toMatchObject({ stderr: expect.stringContaining('"Gmail inbox" is no source with a cursor') });
});

test("says what to pass next: --write without a new file, --yes with one, and nothing when it was done", async () => {
  earlier.writeConfig(inFile);
  const [write, yes] = ["Nothing was written: pass --write", "Nothing was changed: pass --yes"];
  expect((await earlier.migrate()).stdout).toContain(write);
  await earlier.migrate("--write", "new.toml");
  const planned = await earlier.migrate("--config", "new.toml", "--since", "2026-01-01");
  expect(planned.stdout).toContain(yes);
  expect(planned.stdout).not.toContain(write);
  const done = await earlier.migrate("--config", "new.toml", "--since", "2026-01-01", "--yes");
  expect(done).toMatchObject({ code: 0, stdout: expect.not.stringMatching(/Nothing was (?:written|changed)/) });
});

test("prints commands that find the variables that the plan was made with", async () => {
  earlier.writeConfig(inFile);
  earlier.write("my.env", "UNUSED=1\n");
  const { stdout } = await earlier.migrate("--since", "2026-01-01", "--dotenv", "my.env");
  expect(stdout).toMatch(/state seed zendesk\/support --since \S+ --config \S+ --dotenv my\.env --yes\n/);
});

test("prints the commands that --yes would carry out", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({ "zendesk/support": "MTU3" });
  const { stdout } = await earlier.migrate("--since", "2026-01-01");
  expect(stdout).toMatch(/statewave-connectors state seed zendesk\/support --since \S+ --config statewave-connectors.toml --yes/);
  expect(stdout).toMatch(
    /statewave-connectors backfill zendesk\/support --since 2026-01-01T00:00:00.000Z --until \S+ --config \S+ --yes/,
  );
});

test("refuses a new state at the place of the earlier cursors, also by a symbolic link", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({});
  symlinkSync("cursors.json", earlier.path("link.json"));
  const config = (path: string) => `[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "file"\npath = "${path}"\n`;
  for (const path of ["cursors.json", "link.json"]) {
    earlier.write("mine.toml", config(path));
    expect(await earlier.migrate("--config", "mine.toml", "--yes")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("STORE_MIGRATE_SAME"),
    });
  }
});

test("refuses cursors that the runner of this project has taken over already", async () => {
  earlier.writeConfig(inFile);
  earlier.write("cursors.json", '{"format":"statewave-connectors/cursors","version":1,"sources":{}}');
  expect(await earlier.migrate()).toMatchObject({ code: 4, stderr: expect.stringContaining("STORE_MIGRATE_TAKEN") });
  expect(await earlier.migrate("--no-state")).toMatchObject({ code: 0 });
});

test("--json prints the plan as one line of JSON", async () => {
  earlier.writeConfig(inFile);
  earlier.writeCursors({});
  const { stdout } = await earlier.migrate("--json");
  expect(JSON.parse(stdout)).toMatchObject({
    from: earlier.path("old.toml"),
    written: false,
    sources: [
      { source: "zendesk/support", direction: "pull", outcome: "started anew" },
      { source: "gmail/founder", outcome: "started anew" },
      { source: "notion/wiki", outcome: "not possible", reason: "there is no connector for notion" },
      { source: "slack/team", direction: "push", outcome: "converted" },
    ],
    problems: [],
  });
});

test.each([
  ["a file that is not there", undefined, "CONFIG_NOT_FOUND", 3],
  ["broken TOML", "[statewave\n", "CONFIG_INVALID", 3],
  ["another file", 'name = "x"\n', "CONFIG_INVALID", 3],
  ["a state of no kind", '[statewave]\nurl = "stdout:"\n[runner.state]\npath = "x"\n', "CONFIG_INVALID", 3],
  ["an unknown kind of state", '[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "etcd"\n', "CONFIG_PACKAGE_NOT_FOUND", 3],
  [
    "a state url without a value",
    '[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "redis"\nurl = "${NOT_SET}"\n',
    "CONFIG_INVALID",
    3,
  ],
])("refuses %s", async (_, text, code, exit) => {
  if (text !== undefined) earlier.write("old.toml", text);
  expect(await earlier.migrate()).toMatchObject({ code: exit, stderr: expect.stringContaining(code) });
});

test("refuses --yes without a new configuration, and a time that is none", async () => {
  earlier.writeConfig(inFile);
  expect(await earlier.migrate("--yes")).toMatchObject({ code: 2, stderr: expect.stringContaining("--write or --config") });
  expect(await earlier.migrate("--since", "soon")).toMatchObject({ code: 2 });
  expect(await earlier.migrate("--force")).toMatchObject({ code: 2 });
  expect(existsSync(earlier.path("new.toml"))).toBe(false);
});
