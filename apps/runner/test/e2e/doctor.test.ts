import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it, type TestContext } from "vitest";
import { configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

const isRoot = process.getuid?.() === 0;

/** An operator's folder whose Statewave is at `statewaveUrl`. */
async function prepare(
  test: Ending,
  statewaveUrl: string,
  more: { statewave?: string; state?: string } = {},
): Promise<Workspace> {
  const workspace = makeWorkspace(test);
  await workspace.write(configName, configText({ statewaveUrl, ...more }));
  await workspace.write("docs/a.md", "# A\n");
  return workspace;
}

/** An HTTP server of another kind. */
async function serve({ onTestFinished }: Ending, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port that was free a moment ago. */
async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function lineOf(workspace: Workspace, subject: string) {
  const { code, stdout } = await workspace.command("doctor");
  const lines = stdout.split("\n");
  const at = lines.findIndex((line) => line.includes(` ${subject}: `));
  return { code, line: lines[at], hint: lines[at + 1] };
}

describe.concurrent("doctor and Statewave", () => {
  it("finds a server that answers and takes the key and tenant, and writes no episode", async (test) => {
    const statewave = await startFakeStatewave({ apiKey: "right", requireTenant: true });
    test.onTestFinished(() => statewave.close());
    const workspace = await prepare(test, statewave.url, { statewave: 'api_key = "right"\ntenant_id = "acme"' });
    const { code, stdout } = await workspace.command("doctor");
    expect(stdout).toMatch(/^ok {3}statewave: Statewave at http:\/\/127\.0\.0\.1:\d+ answers and takes the key$/m);
    expect(stdout).toMatch(/^ok {3}state: .* can be made$/m);
    expect(stdout).toMatch(/^ok {3}pull markdown\/docs: /m);
    expect(code).toBe(0);
    expect(statewave.stats()).toMatchObject({ stored: 0 });
    // It leaves nothing behind.
    expect(readdirSync(workspace.folder).toSorted()).toEqual(["docs", configName]);
  });

  it.for([
    ["no key", "", /401 missing_api_key/, /set \[statewave\] api_key/],
    ["a wrong key", 'api_key = "wrong"', /403 invalid_api_key/, /check \[statewave\] api_key/],
    ["no tenant", 'api_key = "right"', /400 missing_tenant/, /set \[statewave\] tenant_id/],
  ] as const)("finds %s", async ([, keys, reason, hint], test) => {
    const statewave = await startFakeStatewave({ apiKey: "right", requireTenant: true });
    test.onTestFinished(() => statewave.close());
    const found = await lineOf(await prepare(test, statewave.url, { statewave: keys }), "statewave");
    expect(found).toEqual({ code: 1, line: expect.stringMatching(/^FAIL /), hint: expect.stringMatching(hint) });
    expect(found.line).toMatch(reason);
  });

  it.for<[string, (test: TestContext) => Promise<string>, RegExp, RegExp]>([
    ["a port where nothing listens", closedUrl, /ECONNREFUSED/, /nothing listens there/],
    ["a host without an address", async () => "http://statewave.invalid", /ENOTFOUND|EAI_AGAIN/, /check the host/],
    [
      "plain HTTP behind https://",
      async (test) => (await serve(test, (_, response) => response.end())).replace("http:", "https:"),
      /cannot be reached: network: /,
      /http:\/\/ and https:\/\/|certificate/,
    ],
    [
      "a web page",
      (test) => serve(test, (_, response) => response.setHeader("content-type", "text/html").end("<p>hello")),
      /web page/,
      /proxy/,
    ],
    [
      "another API",
      (test) => serve(test, (_, response) => response.end('{"ok":true}')),
      /does not come from Statewave/,
      /check \[statewave\] url/,
    ],
    [
      "another API that refuses",
      (test) => serve(test, (_, response) => response.writeHead(422).end("{}")),
      /422/,
      /check \[statewave\] url/,
    ],
    [
      "a server without this path",
      (test) => serve(test, (_, response) => response.writeHead(404).end()),
      /404/,
      /no Statewave v1 API/,
    ],
    ["a redirect", (test) => serve(test, (_, response) => response.writeHead(301, { location: "/x" }).end()), /301/, /redirect/],
    ["a failing server", (test) => serve(test, (_, response) => response.writeHead(503).end()), /503/, /log of Statewave/],
  ])("finds %s", async ([, start, reason, hint], test) => {
    const found = await lineOf(await prepare(test, await start(test)), "statewave");
    expect(found).toEqual({ code: 1, line: expect.stringMatching(/^FAIL statewave: /), hint: expect.stringMatching(hint) });
    expect(found.line).toMatch(reason);
  });

  it("warns of a server that ignores keys, which is no failure", async (test) => {
    const statewave = await startFakeStatewave({ release: "1.0.0" });
    test.onTestFinished(() => statewave.close());
    const workspace = await prepare(test, statewave.url);
    const { code, stdout } = await workspace.command("doctor");
    expect(stdout).toMatch(
      /^warn statewave: the server ignores idempotency keys: .* \(version: 1\.0\.0\)\n {5}hint: update Statewave/m,
    );
    expect(code).toBe(0);
    const { stdout: json } = await workspace.command("doctor", "--json");
    const lines = json
      .split("\n")
      .map((text) => JSON.parse(text || "{}") as { readonly entry?: string; readonly results?: readonly unknown[] });
    expect(lines.find(({ entry }) => entry === "statewave")?.results).toContainEqual(
      expect.objectContaining({ level: "warn", ok: true }),
    );
  });

  it("prints the checks as JSON lines", async (test) => {
    const workspace = await prepare(test, await closedUrl());
    const { code, stdout } = await workspace.command("doctor", "--json");
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(code).toBe(1);
    expect(lines.find(({ entry }) => entry === "statewave")).toEqual({
      entry: "statewave",
      table: "[statewave]",
      line: 2,
      results: [{ level: "fail", ok: false, message: expect.stringContaining("ECONNREFUSED"), hint: expect.any(String) }],
    });
    const others = lines.filter(({ entry }) => entry !== "statewave");
    expect(others.flatMap(({ results }) => results)).not.toContainEqual(expect.objectContaining({ level: "fail" }));
  });
});

function shell(command: string, argument: string): void {
  execFileSync("sh", ["-c", command, argument], { stdio: "pipe" });
}

/** A file system of its own under the state folder, or a skipped test. */
function mountDisk(workspace: Workspace, test: TestContext, options: string): string {
  const folder = workspace.path("state");
  mkdirSync(folder);
  try {
    shell(`mount -t tmpfs -o ${options} tmpfs "$0"`, folder);
  } catch (error) {
    test.skip(true, `a file system cannot be mounted here: ${error instanceof Error ? error.message : String(error)}`);
  }
  test.onTestFinished(() => shell('umount --lazy "$0"', folder));
  return folder;
}

describe("doctor and the state folder", () => {
  it("finds a full disk", async (test) => {
    const workspace = await prepare(test, "stdout:");
    const folder = mountDisk(workspace, test, "size=256k");
    shell('dd if=/dev/zero of="$0/ballast" bs=4096 2>/dev/null || true', folder);
    expect(await lineOf(workspace, "state")).toEqual({
      code: 1,
      line: `FAIL state: ${folder} cannot be written: ENOSPC`,
      hint: expect.stringContaining("free space"),
    });
    expect(readdirSync(folder)).toEqual(["ballast"]);
  });

  it("finds a disk that is mounted read-only", async (test) => {
    const workspace = await prepare(test, "stdout:");
    const folder = mountDisk(workspace, test, "ro");
    expect(await lineOf(workspace, "state")).toEqual({
      code: 1,
      line: `FAIL state: ${folder} cannot be written: EROFS`,
      hint: expect.stringContaining("mount this disk writable"),
    });
  });

  it.skipIf(isRoot)("finds a folder and a file that this user may not write", async (test) => {
    const workspace = await prepare(test, "stdout:");
    mkdirSync(workspace.path("state"));
    writeFileSync(workspace.path("state/cursors.json"), "", { mode: 0o400 });
    expect(await lineOf(workspace, "state")).toMatchObject({
      code: 1,
      line: expect.stringContaining("cursors.json cannot be read"),
    });
    chmodSync(workspace.path("state"), 0o500);
    expect(await lineOf(workspace, "state")).toMatchObject({ code: 1, line: expect.stringContaining("EACCES") });
  });

  it("finds a file in the way of the folder", async (test) => {
    const workspace = await prepare(test, "stdout:");
    await workspace.write("state", "");
    expect(await lineOf(workspace, "state")).toEqual({
      code: 1,
      line: `FAIL state: ${workspace.path("state")} cannot be written: ENOTDIR`,
      hint: expect.stringContaining("a file is in the way"),
    });
  });

  it("finds that the file for episodes cannot be written", async (test) => {
    const workspace = await prepare(test, "file:./docs");
    expect(await lineOf(workspace, "statewave")).toMatchObject({ code: 1, line: expect.stringContaining("docs is a folder") });
  });
});

describe.concurrent("doctor beside a running runner", () => {
  it("reports it, and disturbs nothing", async (test) => {
    const statewave = await startFakeStatewave();
    test.onTestFinished(() => statewave.close());
    const workspace = await prepare(test, statewave.url);
    const runner = await workspace.run();
    const { code, stdout } = await workspace.command("doctor");
    expect(stdout).toMatch(/^ok {3}runner: a runner is running and ready$/m);
    expect(code).toBe(0);
    expect((await runner.terminate()).code).toBe(0);
  });

  it("reports what troubles it", async (test) => {
    const statewave = await startFakeStatewave({ apiKey: "right" });
    test.onTestFinished(() => statewave.close());
    const workspace = await prepare(test, statewave.url, { statewave: 'api_key = "wrong"' });
    const runner = await workspace.run();
    await runner.logged("the sink refuses everything: nothing is delivered until its configuration is changed");
    const { code, stdout } = await workspace.command("doctor");
    expect(stdout).toMatch(/^FAIL runner: the running runner's sink is \w+: /m);
    expect(code).toBe(1);
  });
});
