import { Redis } from "ioredis";
import { expect, it, type TestContext } from "vitest";
import { sharedStores, startStore } from "./several-processes/shared-store.ts";
import { configName, configText, makeWorkspace } from "./workspace.ts";

const [postgres, redis] = sharedStores;

/** The inbox is on the same server, whose fault is reported once. */
const nothingReported = "-    inbox: nothing to check";

/** What `doctor` says of state and inbox at `url`. */
async function examine(test: TestContext, kind: string, url: string) {
  const workspace = makeWorkspace(test);
  const state = `kind = "${kind}"\nurl = "${url}"`;
  await workspace.write(configName, configText({ statewaveUrl: "stdout:" }).replace('kind = "file"', state));
  await workspace.write("docs/a.md", "# A\n");
  const { code, stdout } = await workspace.command("doctor");
  const lines = stdout.split("\n");
  const line = (subject: string) => lines.find((text) => text.includes(` ${subject}: `));
  return { code, state: line("state"), inbox: line("inbox") };
}

it.for(sharedStores)("doctor writes to $kind, removes what it wrote, and finds the server gone", async (shared, test) => {
  const server = await startStore(test, shared);
  expect(await examine(test, shared.kind, server.url)).toEqual({
    code: 0,
    state: expect.stringMatching(`^ok   state: ${shared.kind} takes writes and grants leases: `),
    inbox: expect.stringMatching(`^ok   inbox: ${shared.kind} answers: `),
  });
  const store = await shared.open(server.url);
  expect(await store.list()).toEqual([]);
  expect((await store.records?.scopes()) ?? []).toEqual([]);
  await store.close();
  await server.stop();
  const gone = await examine(test, shared.kind, server.url);
  expect(gone).toEqual({ code: 1, state: expect.stringMatching(/^FAIL state: /), inbox: nothingReported });
  expect(`${gone.state}${gone.inbox}`).not.toContain(new URL(server.url).password || "no password");
});

it("doctor finds a Postgres that only reads", async (test) => {
  const server = await startStore(test, postgres!);
  expect((await examine(test, "postgres", server.url)).code).toBe(0);
  const url = new URL(server.url);
  url.searchParams.set("options", "-c default_transaction_read_only=on");
  expect(await examine(test, "postgres", url.href)).toEqual({
    code: 1,
    state: expect.stringMatching(/^FAIL state: .*read-only/),
    inbox: nothingReported,
  });
});

it("doctor finds a Redis that only reads", async (test) => {
  const [server, source] = [await startStore(test, redis!), await startStore(test, redis!)];
  const client = new Redis(server.url);
  const { hostname, port } = new URL(source.url);
  await client.call("REPLICAOF", hostname, port);
  client.disconnect();
  expect(await examine(test, "redis", server.url)).toEqual({
    code: 1,
    state: expect.stringMatching(/^FAIL state: /),
    inbox: nothingReported,
  });
});
