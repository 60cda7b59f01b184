import { spawn } from "node:child_process";
import { setTimeout as realDelay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Inbox, InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, it } from "vitest";
import { eventOf, openIn, temporaryFolder } from "./temporary-folder.ts";

const rounds = Number(process.env["INBOX_CRASH_ROUNDS"] ?? 4);
const program = fileURLToPath(new URL("./fixtures/crashing-process.ts", import.meta.url));

/** What the killed process said, over all rounds. */
interface Testimony {
  readonly trying: Set<string>;
  readonly accepted: Set<string>;
  /** Its handler had answered; whether that was stored is open. */
  readonly settling: Set<string>;
  readonly done: Set<string>;
  readonly dead: Set<string>;
}

/** Runs the program and kills it some time after its first word. */
async function runUntilKilled(folder: string, round: number, lifetimeMs: number): Promise<string> {
  const child = spawn(process.execPath, ["--conditions=@statewave-connectors/source", program, folder, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const started = Promise.withResolvers<void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    started.resolve();
  });
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await Promise.race([started.promise, closed]);
  // What is tested is a kill at any moment; the moment is all that this waits for.
  await realDelay(lifetimeMs);
  child.kill("SIGKILL");
  await closed;
  return said.slice(0, said.lastIndexOf("\n"));
}

function hear(testimony: Testimony, said: string): void {
  for (const line of said.split("\n")) {
    const [word, id] = line.split(" ");
    testimony[word as keyof Testimony].add(id!);
  }
}

async function waitingIn(inbox: Inbox): Promise<readonly InboxItem[]> {
  const { depth } = await inbox.stats();
  const waiting: InboxItem[] = [];
  const all = Promise.withResolvers<void>();
  if (depth === 0) all.resolve();
  const consumer = inbox.consume(
    ({ item, signal }) => {
      waiting.push(item);
      if (waiting.length === depth) all.resolve();
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve({ type: "done" }), { once: true }));
    },
    { maxItemsPerSource: 1_000_000, maxBytes: 2 ** 40 },
  );
  await all.promise;
  await consumer.stop(AbortSignal.abort());
  return waiting;
}

async function buriedIn(inbox: Inbox): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await inbox.listDeadLetters({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    if (page.length === 0) return reasons;
    reasons.push(...page.map(({ reason }) => reason));
    after = page.at(-1)?.key;
  }
}

function idOf(item: InboxItem): string {
  if (item.type !== "event") throw new Error(`a ${item.type} came out that never went in`);
  const [id = "", padding = ""] = Buffer.from(item.body).toString().split(" ");
  expect(id).toBe(item.id);
  expect(padding.length).toBe((Number(id.split("-").at(-1)) * 37) % 3_000);
  return id;
}

/** The event that the program sends under this id. */
function eventLike(id: string): InboxItem {
  const [, producer = "", count = ""] = /-p(\d+)-(\d+)$/.exec(id) ?? [];
  const text = `${id} ${"x".repeat((Number(count) * 37) % 3_000)}`;
  return { ...eventOf(text, id), source: { kind: "slack", name: `team-${Number(producer) % 2}` } };
}

async function reconcile(inbox: Inbox, told: Testimony): Promise<void> {
  const waiting = (await waitingIn(inbox)).map(idOf);
  const buried = await buriedIn(inbox);
  const kept = new Set([...waiting, ...buried]);
  // Nothing is there twice.
  expect(kept.size).toBe(waiting.length + buried.length);
  const missing = [...told.accepted].filter((id) => !kept.has(id) && !told.settling.has(id));
  expect(missing).toEqual([]);
  const returned = waiting.filter((id) => told.done.has(id) || told.dead.has(id));
  expect(returned).toEqual([]);
  expect([...told.dead].filter((id) => !buried.includes(id))).toEqual([]);
  // An id is never remembered without its item: what was not acknowledged is either there as a whole or not at all.
  for (const id of told.trying) {
    if (told.accepted.has(id)) continue;
    const outcome = await inbox.accept(eventLike(id));
    expect(outcome).toBe(kept.has(id) || told.settling.has(id) ? "duplicate" : "fresh");
    told.accepted.add(id);
  }
}

describe("kill -9 at any moment", () => {
  it(
    "loses nothing that was acknowledged, brings back nothing whose settlement was, and reopens at once",
    { timeout: 30_000 + rounds * 15_000 },
    async () => {
      const seed = Math.floor(Math.random() * 2 ** 32);
      console.info(`crash test with seed ${seed}`);
      const random = seededRandom(seed);
      const folder = temporaryFolder();
      const told: Testimony = { trying: new Set(), accepted: new Set(), settling: new Set(), done: new Set(), dead: new Set() };
      for (let round = 0; round < rounds; round += 1) {
        hear(told, await runUntilKilled(folder, round, random() * 400));
        // Two minutes on, so that retried items are ready too.
        const inbox = await openIn(folder, {}, { clock: new FakeClock(Date.now() + 120_000) });
        await reconcile(inbox, told);
        await inbox.close();
      }
      expect(told.accepted.size).toBeGreaterThan(0);
    },
  );
});
