import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, onTestFinished, test, vi } from "vitest";
import { openFileBackedPullCursorStore } from "../src/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const program = join(import.meta.dirname, "fixtures", "checkpointing-process.ts");

/** What the process was given and had answered by then: nothing of it may be missing. */
interface Acknowledged {
  readonly epochs: Map<string, number>;
  readonly cursors: Map<string, number>;
}

function startProcess(path: string, ...dying: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ["--conditions=@statewave-connectors/source", program, path, ...dying], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Reads what a process says until it is dead; calls `onLine` with the number of lines so far. */
async function listen(
  child: ChildProcess,
  said: Acknowledged,
  onLine: (count: number) => void = () => undefined,
): Promise<number> {
  let count = 0;
  const dead = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout! })) {
    const [word, name, number] = line.split(" ");
    (word === "epoch" ? said.epochs : said.cursors).set(name!, Number(number));
    onLine((count += 1));
  }
  expect(await dead).toEqual([null, "SIGKILL"]);
  return count;
}

async function expectNothingLost(store: CursorStore, said: Acknowledged, context: string): Promise<void> {
  for (const [name, stored] of said.cursors) {
    const cursor = Number(await store.get({ kind: "github", name }));
    // One checkpoint of a source is under way at a time: it may have become durable without an answer.
    expect([stored, stored + 1], `${name}, ${context}`).toContain(cursor);
  }
  for (const [name, epoch] of said.epochs) {
    const [answer] = await store.acquire([{ source: { kind: "github", name }, dueMs: 1_000, owner: "parent", ttlMs: 1_000 }]);
    expect(answer, `${name}, ${context}`).toMatchObject({ granted: true, lease: { dueMs: 1_000, resumed: true } });
    expect(answer?.granted === true && answer.lease.epoch, `${name}, ${context}`).toBeGreaterThan(epoch);
  }
}

test("loses no answered checkpoint and no epoch, and opens at once, when it is killed at any moment", async () => {
  const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
  const random = seededRandom(seed);
  const path = join(temporaryFolder(), "cursors.json");
  const said: Acknowledged = { epochs: new Map(), cursors: new Map() };
  for (let round = 0; round < 8; round += 1) {
    const child = startProcess(path);
    const lastLine = 13 + Math.floor(random() * 400);
    await listen(child, said, (count) => void (count === lastLine && child.kill("SIGKILL")));
    const store = await openFileBackedPullCursorStore({ path });
    await expectNothingLost(store, said, `round ${round}, TEST_SEED=${seed}`);
    await store.close();
  }
  expect(said.cursors.size).toBe(12);
});

test.each([
  ["in the text", "old"],
  ["before the rename", "old"],
  ["after the rename", "new"],
  ["before the answer", "new"],
])("holds a whole file when it is killed %s: the %s one", async (step, which) => {
  const path = join(temporaryFolder(), "cursors.json");
  const said: Acknowledged = { epochs: new Map(), cursors: new Map() };
  // The grants and ten rounds of checkpoints go well.
  await listen(startProcess(path, step, "11"), said);
  const store = await openFileBackedPullCursorStore({ path });
  await expectNothingLost(store, said, step);
  const ahead = await Promise.all(
    [...said.cursors].map(async ([name, stored]) => Number(await store.get({ kind: "github", name })) - stored),
  );
  expect(Math.max(...ahead)).toBe(which === "old" ? 0 : 1);
  await store.close();
});

test.skipIf(!existsSync("/proc/locks"))(
  "names the process that has the file open, and what to do when it is paused",
  async () => {
    const path = join(temporaryFolder(), "cursors.json");
    const child = startProcess(path);
    const works = Promise.withResolvers<void>();
    const dead = listen(child, { epochs: new Map(), cursors: new Map() }, () => works.resolve());
    await works.promise;
    const refused = async () => openFileBackedPullCursorStore({ path }).catch((error: unknown) => error);
    expect(await refused()).toMatchObject({ message: `the cursor file ${path} is in use by process ${child.pid}` });
    child.kill("SIGSTOP");
    await vi.waitUntil(async () => ((await refused()) as Error).message.endsWith("which is paused"), { timeout: 10_000 });
    expect(await refused()).toMatchObject({
      code: "STORE_LOCKED",
      hint: expect.stringMatching(new RegExp(`^resume process ${child.pid} with .kill -CONT ${child.pid}.`)) as unknown,
    });
    child.kill("SIGKILL");
    await dead;
  },
);

test("refuses a second process while the first lives, and opens at once when it is killed", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  const said: Acknowledged = { epochs: new Map(), cursors: new Map() };
  const child = startProcess(path);
  const works = Promise.withResolvers<void>();
  const dead = listen(child, said, () => works.resolve());
  await works.promise;
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({
    code: "STORE_LOCKED",
    message: expect.stringContaining(path) as unknown,
    hint: expect.stringContaining("state_dir") as unknown,
  });
  child.kill("SIGKILL");
  await dead;
  const store = await openFileBackedPullCursorStore({ path });
  await expectNothingLost(store, said, "after the refusal");
  await store.close();
});
