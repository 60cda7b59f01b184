import { expect, it, type TestContext } from "vitest";
import { RunnerProcess } from "../runner-process.ts";
import { configName, configText, makeWorkspace, type Workspace } from "../workspace.ts";
import { type SharedStore, sharedStores, startStore } from "./shared-store.ts";

/** None is configured: a connector would refuse such cursors. */
const exported = {
  version: 1,
  sources: [
    { source: "markdown/archive", cursor: '{"ünï": "\\u0000 \\"quoted\\""}', finished_due: "2026-01-01T00:00:00.000Z" },
    { source: "markdown/older", cursor: "", finished_due: "2025-12-01T00:00:00.000Z", open_due: "2025-12-02T00:00:00.000Z" },
    { source: "markdown/without-cursor", finished_due: "2026-01-02T03:04:05.678Z" },
  ],
};

/** A configuration for each store: `start.toml`, `postgres.toml`, `redis.toml`, `end.toml`. Answers where the servers are. */
async function writeConfigs(test: TestContext, workspace: Workspace): Promise<ReadonlyMap<SharedStore, string>> {
  const text = configText({ statewaveUrl: "stdout:" }).replace('schedule = "every 1s"', 'schedule = "0 0 1 1 *"');
  await workspace.write("docs/note.md", "# Note");
  for (const name of ["start", "end"]) {
    await workspace.write(`${name}.toml`, text.replace('kind = "file"', `kind = "file"\npath = "./${name}/cursors.json"`));
  }
  const urls = new Map<SharedStore, string>();
  for (const store of sharedStores) {
    const { url } = await startStore(test, store);
    await workspace.write(`${store.kind}.toml`, text.replace('kind = "file"', `kind = "${store.kind}"\nurl = "${url}"`));
    urls.set(store, url);
  }
  return urls;
}

it("goes from file to Postgres to Redis to file with every cursor and due, and is refused while a lease is live", async (test) => {
  const workspace = makeWorkspace(test);
  const urls = await writeConfigs(test, workspace);
  const run = async (...args: readonly string[]) => {
    const command = new RunnerProcess({ args, cwd: workspace.folder });
    const { code } = await command.exited;
    return { code, stdout: command.stdout, stderr: command.stderr };
  };
  await workspace.write("export.json", JSON.stringify(exported));
  expect(await run("state", "import", "--yes", "export.json", "--config", "start.toml")).toMatchObject({ code: 0 });
  for (const [from, to] of [
    ["start", "postgres"],
    ["postgres", "redis"],
    ["redis", "end"],
  ]) {
    expect(await run("state", "copy", "--yes", "--from", `${from}.toml`, "--to", `${to}.toml`)).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^3 sources and \d records? written\n$/),
      stderr: "",
    });
    const { stdout } = await run("state", "export", "--config", `${to}.toml`);
    const { records, ...sources } = JSON.parse(stdout) as typeof exported & { readonly records: readonly { scope: string }[] };
    expect(sources).toEqual(exported);
    // The import, and each copy.
    expect(new Set(records.map(({ scope }) => scope))).toEqual(new Set(["audit"]));
  }

  for (const [store, url] of urls) {
    const opened = await store.open(url);
    const source = { kind: "markdown", name: "archive" };
    const [answer] = await opened.acquire([{ source, owner: "a runner", ttlMs: 60_000 }]);
    const copy = ["state", "copy", "--yes", "--from", "start.toml", "--to", `${store.kind}.toml`];
    expect(await run(...copy)).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining("[STORE_IN_USE]") });
    expect(await run(...copy, "--force")).toMatchObject({ code: 0 });
    expect(answer?.granted === true && (await opened.checkpoint(answer.lease, "stale"))).toBe(false);
    await opened.close();
  }
});

it("copies records except secrets and those that are about to expire, and replaces those of the target", async (test) => {
  const workspace = makeWorkspace(test);
  const urls = await writeConfigs(test, workspace);
  const run = async (...args: readonly string[]) => {
    const command = new RunnerProcess({ args, cwd: workspace.folder });
    return { ...(await command.exited), stdout: command.stdout };
  };
  const later = new Date(Date.now() + 24 * 60 * 60_000).toISOString();
  const soon = new Date(Date.now() + 60_000).toISOString();
  const records = [
    { scope: "notes/github/main", key: "世 1", value: '{"token":"a value, as it is"}', expires_at: later },
    { scope: "pauses", key: "github/main", value: "until Monday" },
  ];
  const passing = { scope: "processes", key: "one", value: "x", expires_at: soon };
  const secret = { scope: "secret/oauth", key: "k", value: "s3cret" };
  await workspace.write("export.json", JSON.stringify({ ...exported, records: [...records, passing, secret] }));
  expect(await run("state", "import", "--yes", "export.json", "--config", "start.toml")).toMatchObject({
    code: 0,
    stdout: "3 sources and 3 records written\n",
  });
  for (const [store, url] of urls) {
    const opened = await store.open(url);
    await opened.records!.compareAndSet({ scope: "pauses", key: "github/main", value: "old", expectedVersion: 0 });
    await opened.records!.compareAndSet({ scope: "secret/oauth", key: "k", value: "s3cret", expectedVersion: 0 });
    await opened.close();
  }
  for (const [from, to] of [
    ["start", "postgres"],
    ["postgres", "redis"],
    ["redis", "end"],
  ]) {
    expect(await run("state", "copy", "--yes", "--from", `${from}.toml`, "--to", `${to}.toml`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^3 sources and \d records written\n$/),
    });
    const { stdout } = await run("state", "export", "--config", `${to}.toml`);
    const copied = JSON.parse(stdout) as typeof exported & { readonly records: typeof records };
    const given = copied.records.filter(({ scope }) => scope !== "audit");
    expect({ ...copied, records: undefined }).toEqual(exported);
    expect(given.map(({ scope, key, value }) => ({ scope, key, value }))).toEqual(
      records.map(({ scope, key, value }) => ({ scope, key, value })),
    );
    expect(Math.abs(Date.parse(given[0]!.expires_at!) - Date.parse(later))).toBeLessThan(60_000);
    expect(stdout).not.toContain("s3cret");
  }
});

it("says that the store it is to go to cannot be reached", async (test) => {
  const workspace = makeWorkspace(test);
  const text = configText({ statewaveUrl: "stdout:" });
  await workspace.write(configName, text);
  await workspace.write("docs/note.md", "# Note");
  const nowhere = { postgres: "postgres://ada:s3cret@127.0.0.1:1/app", redis: "redis://ada:s3cret@127.0.0.1:1" };
  for (const [kind, url] of Object.entries(nowhere)) {
    await workspace.write("to.toml", text.replace('kind = "file"', `kind = "${kind}"\nurl = "${url}"`));
    const command = new RunnerProcess({
      args: ["state", "copy", "--yes", "--from", configName, "--to", "to.toml"],
      cwd: workspace.folder,
    });
    expect(await command.exited).toMatchObject({ code: 4 });
    expect(command.stderr).toMatch(/^error: [^\n]+ \[STORE_UNAVAILABLE\]\nhint: [^\n]+\n$/);
    expect(command.stderr).not.toContain("s3cret");
  }
});
