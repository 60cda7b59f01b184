import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { makeAuthority, startHttpProxy } from "@statewave-connectors/testing/servers";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test, type TestContext } from "vitest";
import { startFakeGithub } from "./fake-github-process.ts";
import { configName, makeWorkspace, type Workspace } from "./workspace.ts";

/** Reads one JSON document and handles no error at all. */
const naiveConnector = `
const schema = { "~standard": { version: 1, vendor: "naive", validate: (value) => ({ value }) } };
export const connector = {
  kind: "naive",
  version: "1.0.0",
  pull: {
    config: schema,
    open: ({ url }, { fetch }) => ({
      async *pages(cursor, signal) {
        const { items } = await (await fetch(url, { signal })).json();
        yield {
          cursor: String(items.length),
          episodes: items.map((id) => ({
            subject: "naive:one", kind: "naive.item", text: "item " + id, occurred_at: "2026-01-01T00:00:00Z",
            source: { type: "naive", id }, metadata: {}, idempotency_key: "naive:" + id,
          })),
        };
      },
      async check() { await fetch(url); return []; },
    }),
  },
};`;

interface World {
  readonly workspace: Workspace;
  readonly statewave: Awaited<ReturnType<typeof startFakeStatewave>>;
  readonly proxy: Awaited<ReturnType<typeof startHttpProxy>>;
}

async function makeWorld({ onTestFinished }: TestContext, tables: (proxyUrl: string) => string): Promise<World> {
  const [statewave, proxy] = await Promise.all([startFakeStatewave(), startHttpProxy()]);
  onTestFinished(() => Promise.all([statewave.close(), proxy.close()]).then(() => undefined));
  const workspace = makeWorkspace({ onTestFinished });
  await workspace.write("naive.mjs", naiveConnector);
  const config = `
[statewave]
url = "${statewave.url}"
[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
[runner.state]
kind = "file"
[connectors]
naive = "./naive.mjs"
`;
  await workspace.write(configName, config + tables(proxy.url));
  return { workspace, statewave, proxy };
}

const naiveEntry = (url: string) => `\n[[pull.naive]]\nname = "one"\nschedule = "every 1h"\nurl = "${url}"\n`;

async function commandIn(workspace: Workspace, env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const process = workspace.launch(args, env);
  const { code } = await process.exited;
  return { code, stdout: process.stdout, stderr: process.stderr };
}

test("a first sync of a host that only the proxy of the environment reaches arrives; NO_PROXY keeps Statewave out of it", async (context) => {
  const github = await startFakeGithub(context, "--issues", "3");
  const entry = github.entry.replace(/base_url = "http:\/\/127.0.0.1/, 'base_url = "http://github.example');
  const { workspace, statewave, proxy } = await makeWorld(context, () => entry);
  const env = { HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" };
  expect(await commandIn(workspace, env, "sync", "github/widgets")).toMatchObject({ code: 0 });
  expect(statewave.episodes.length).toBeGreaterThan(0);
  expect(proxy.requests.length).toBeGreaterThan(0);
  expect(proxy.requests.filter((request) => !/^(GET|POST) http:\/\/github\.example:\d+\//.test(request))).toEqual([]);
});

test("[runner.http] proxy and ca_file apply to a source over TLS, and to the delivery", async (context) => {
  const authority = await makeAuthority();
  const server = createServer(await authority.issue(["DNS:items.example"]), (_request, response) =>
    response.end('{"items":["a","b"]}'),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.onTestFinished(() => void server.close());
  const url = `https://items.example:${(server.address() as AddressInfo).port}/items`;
  const http = (proxyUrl: string) => `\n[runner.http]\nproxy = "${proxyUrl}"\nca_file = "ca.pem"\n`;
  const { workspace, statewave, proxy } = await makeWorld(context, (proxyUrl) => http(proxyUrl) + naiveEntry(url));
  await workspace.write("ca.pem", authority.certificate);
  expect(await commandIn(workspace, {}, "sync", "naive/one")).toMatchObject({ code: 0 });
  expect(statewave.episodes).toHaveLength(2);
  expect(proxy.requests).toEqual([`CONNECT ${new URL(url).host}`, `POST ${statewave.url}/v1/episodes/batch`]);
});

test("a connector that handles no error reports what the network did, with what to check", async (context) => {
  const { workspace } = await makeWorld(context, () => naiveEntry("http://127.0.0.1:2/items?key=in-the-query"));
  const sync = await commandIn(workspace, {}, "sync", "naive/one");
  expect(sync).toMatchObject({ code: 1 });
  expect(sync.stderr).toMatch(
    /^error: .*127\.0\.0\.1:2 refuses the connection \(ECONNREFUSED\) \[NETWORK_FAILED\]\nhint: check host and port/m,
  );
  expect(sync.stdout + sync.stderr).not.toContain("in-the-query");
  const doctor = await commandIn(workspace, {}, "doctor");
  expect(doctor.stdout).toMatch(
    /^FAIL pull naive\/one: .*127\.0\.0\.1:2 refuses the connection \(ECONNREFUSED\) \[NETWORK_FAILED\]\n {5}hint: check host and port/m,
  );
});

test("a variable that is no proxy ends the start with its name", async (context) => {
  const { workspace } = await makeWorld(context, () => naiveEntry("http://127.0.0.1:9/"));
  const run = await commandIn(workspace, { HTTPS_PROXY: "socks5://me:the-password@p:1" }, "run");
  expect(run.code).not.toBe(0);
  expect(run.stderr).toContain("HTTPS_PROXY is not the URL of an HTTP proxy [NETWORK_PROXY_INVALID]");
  expect(run.stderr).not.toContain("the-password");
});
