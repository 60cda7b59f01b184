import { readFileSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { balanced } from "./ledger.ts";
import { sumOf } from "./metric-sum.ts";
import { configName, configText, makeWorkspace } from "./workspace.ts";
import { makeWorld } from "./world.ts";

/** `error: <one sentence> [CODE]` and `hint: …`, nothing else. */
const sentence = (code: string) => new RegExp(`^error: [^\\n]+ \\[${code}\\]\\nhint: [^\\n]+\\n$`);

describe.concurrent("what keeps a runner from starting is said in one sentence with a hint, with an exit code of its own", () => {
  it("a second process on one state folder, while the first continues", async (test) => {
    const world = await makeWorld(test);
    const first = await world.workspace.run();
    const second = await world.workspace.command("run");
    expect(second).toMatchObject({ code: 4, stdout: "" });
    expect(second.stderr).toMatch(sentence("STORE_LOCKED"));
    await world.slack.sendMany(await first.listening(), 10);
    await world.drained(first);
    expect(world.account()).toEqual(balanced);
  });

  it("a port that is in use, with nothing left locked", async (test) => {
    const blocker = createServer().listen(0, "127.0.0.1");
    test.onTestFinished(() => void blocker.close());
    await once(blocker, "listening");
    const { port } = blocker.address() as AddressInfo;
    const workspace = makeWorkspace(test);
    const text = configText({ statewaveUrl: "file:./episodes.jsonl" });
    await workspace.write(configName, text.replace("port = 0", `port = ${port}`));
    await workspace.write("docs/note.md", "# Note");
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence("RUNNER_PORT_IN_USE"));
    expect(stderr).toContain(String(port));
    await workspace.write(configName, text);
    const runner = await workspace.run();
    expect((await runner.readiness()).status).toBe(200);
  });

  it("a connector that is not installed: the line that installs it", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(
      configName,
      `${configText({ statewaveUrl: "stdout:" })}\n[[pull.zulip]]\nname = "x"\nschedule = "every 1m"\n`,
    );
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(3);
    expect(stderr).toContain("npm install @statewave-connectors/connector-zulip");
  });

  it("a state kind whose package is not installed: the line that installs it", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "stdout:", state: "etcd" }));
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(3);
    expect(stderr).toContain("npm install @statewave-connectors/cursor-store-etcd");
  });

  it("an environment variable that is not set", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "${E2E_NOT_SET}" }));
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(3);
    // The hint stands behind the problem it belongs to: there may be several.
    expect(stderr).toMatch(
      /\n {2}line \d+: statewave\.url: [^\n]*E2E_NOT_SET is not set \(set it or E2E_NOT_SET_FILE, [^\n]+\) \[CONFIG_INVALID\]\n$/,
    );
  });

  it("a configuration that is not there", async (test) => {
    const { code, stderr } = await makeWorkspace(test).command("run");
    expect(code).toBe(3);
    expect(stderr).toMatch(sentence("CONFIG_\\w+"));
  });

  it("TOML that does not parse: where", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, '[statewave]\nurl = "unfinished\n');
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(3);
    expect(stderr).toMatch(/\b2\b/);
    expect(stderr).toMatch(/ \[CONFIG_\w+\]\n/);
  });

  it("a corrupt cursor file, which is left as it is", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "stdout:" }));
    const corrupt = '{"format":"statewave-connectors/cursors","version":1,"sources":{"markdown/do';
    await workspace.write("state/cursors.json", corrupt);
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(4);
    expect(stderr).toMatch(sentence("STORE_FILE_CORRUPT"));
    expect(readFileSync(workspace.path("state/cursors.json"), "utf8")).toBe(corrupt);
  });

  it("a corrupt inbox, which is left as it is", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "stdout:" }));
    const corrupt = "this is no SQLite file ".repeat(100);
    await workspace.write("state/inbox.sqlite", corrupt);
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(4);
    expect(stderr).toMatch(sentence("INBOX_FILE_CORRUPT"));
    expect(readFileSync(workspace.path("state/inbox.sqlite"), "utf8")).toBe(corrupt);
  });
});

describe.concurrent("a restart", () => {
  it("resumes: what was delivered before is not read again, what is new is", async (test) => {
    const world = await makeWorld(test);
    await world.writeDocuments(30);
    const first = await world.workspace.run();
    await world.slack.sendMany(await first.listening(), 10);
    await world.drained(first);
    await first.logged("run done");
    expect((await first.terminate()).code).toBe(0);
    await world.writeDocuments(5);
    const second = await world.workspace.run();
    await world.drained(second);
    expect(world.account()).toEqual(balanced);
    expect(world.statewave.stats().duplicates).toBe(0);
    expect(await second.logged("run done")).toMatchObject({ episodes: 5, delivered: 5 });
  });

  it("answers a webhook that was delivered before it, and sends it no second time", async (test) => {
    const world = await makeWorld(test);
    const first = await world.workspace.run();
    const [marker] = world.slack.declare(1);
    expect(await world.slack.send(await first.listening(), marker!)).toBe(200);
    await world.drained(first);
    await first.kill();
    const second = await world.workspace.run();
    expect(await world.slack.send(await second.listening(), marker!)).toBe(200);
    expect(sumOf(await second.metrics(), "statewave_runner_inbox_events_total", 'outcome="duplicate"')).toBe(1);
    await world.drained(second);
    expect(world.statewave.stats()).toMatchObject({ stored: 1, duplicates: 0 });
  });
});
