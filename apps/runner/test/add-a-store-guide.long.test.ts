import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { InboxConsumer, InboxHandler, InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const guide = readFileSync(join(repository, "docs/guides/add-a-store-or-inbox.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "store-guide-"));
const files = new Map(
  Array.from(guide.matchAll(/^```ts\n\/\/ (\S+\.ts)\n([^]*?)^```/gm), ([, name = "", text = ""]) => [name, text]),
);

/** Every file of the guide in a package of its own. */
beforeAll(() => {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const conditions = ["@statewave-connectors/source", "module", "node", "default"];
  const config = { resolve: { conditions }, ssr: { resolve: { conditions } }, test: { include: ["test/*.test.ts"] } };
  writeFileSync(join(folder, "vitest.config.mjs"), `export default ${JSON.stringify(config)};`);
  symlinkSync(join(repository, "apps/runner/node_modules"), join(folder, "node_modules"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The test run around this one is not the business of a run inside. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_OPTIONS$|^TEST$/.test(name)));

function run(command: string, ...args: readonly string[]) {
  const tool = join(repository, "node_modules/.bin", command);
  const { status, stdout, stderr } = spawnSync(tool, args, { cwd: folder, env, encoding: "utf8", timeout: 120_000 });
  return { status, output: `${stdout}${stderr}` };
}

test("every example of the guide type-checks", { timeout: 120_000 }, () => {
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    customConditions: ["@statewave-connectors/source"],
    typeRoots: [join(repository, "node_modules/@types")],
  };
  const config = { extends: join(repository, "tsconfig.base.json"), compilerOptions, include: ["src", "test"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  expect(run("tsc", "-p", folder)).toEqual({ status: 0, output: "" });
  expect(Array.from(guide.matchAll(/^```ts$/gm))).toHaveLength(files.size);
});

test("the store and the inbox of the guide pass their suites", { timeout: 120_000 }, () => {
  const { status, output } = run("vitest", "run", "--root", folder);
  expect([status, output]).toEqual([
    0,
    expect.stringMatching(/cursor-store\.test\.ts[^]*inbox\.test\.ts|inbox\.test\.ts[^]*cursor-store\.test\.ts/),
  ]);
});

test("the queue of the guide settles, retries and buries what a consumer is handed", async () => {
  const { consume } = (await import(pathToFileURL(join(folder, "src/claim-queue.ts")).href)) as {
    consume: (backend: object, handler: InboxHandler, context: object) => InboxConsumer;
  };
  const clock = new FakeClock();
  const trigger = (id: string): InboxItem => ({
    type: "trigger",
    source: { kind: "feed", name: "news" },
    id,
    receivedAtMs: clock.now(),
  });
  const waiting = new Map(["done", "dead", "retry"].map((key) => [key, { key, item: trigger(key), attempt: 0 }]));
  const taken = new Map(waiting);
  const calls: string[] = [];
  const ended = Promise.withResolvers<void>();
  const note = async (call: string) => {
    calls.push(call);
    if (calls.length === 4) ended.resolve();
  };
  const backend = {
    take: async () => [...waiting.values()].splice(0),
    remove: (key: string) => note(`remove ${key}`),
    putBack: (key: string, { attempts, notBeforeMs }: { attempts: number; notBeforeMs: number }) => {
      waiting.delete(key);
      return note(`put back ${key} +${attempts} in ${notBeforeMs - clock.now()}`);
    },
    bury: ({ type, reason }: { type: string; reason: string }) => note(`bury ${type}: ${reason}`),
  };
  const handler: InboxHandler = async ({ key }) => {
    waiting.delete(key);
    if (key === "retry") return { type: "retry", afterMs: 5_000 };
    return key === "dead" ? { type: "dead", reason: "no" } : { type: "done" };
  };
  const consumer = consume(backend, handler, { clock, logger: silentLogger });
  await ended.promise;
  await consumer.stop(new AbortController().signal);
  expect(calls.toSorted()).toEqual(["bury event: no", "put back retry +1 in 5000", "remove dead", "remove done"]);
  expect(taken.size).toBe(3);
});
