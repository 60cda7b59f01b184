import { type ConfigInput, parseConfig, type ParsedConfig } from "@statewave-connectors/config";
import { ConnectorsError, defineConnector, refuse } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createRunner, type Runner } from "../../src/index.ts";
import { noteRequest, notes } from "../notes-connector.ts";

const base = {
  statewave: { url: "stdout:" },
  runner: { port: 0 },
  pull: { notes: [{ name: "docs", schedule: "0 0 1 1 *", texts: ["first"] }] },
  push: { notes: [{ name: "team", signature: "right" }] },
} satisfies ConfigInput;

interface World {
  readonly runner: Runner;
  /** What the configuration says from now on. */
  set(next: ConfigInput): void;
  readonly received: string[];
  readonly reads: () => number;
}

/** A runner without a port, whose configuration a test changes. */
async function open(first: ConfigInput = base, { failing }: { readonly failing?: () => boolean } = {}): Promise<World> {
  let current = first;
  let reads = 0;
  const received: string[] = [];
  const parse = (): Promise<ParsedConfig> => {
    reads += 1;
    if (failing?.() === true)
      return Promise.reject(new ConnectorsError({ code: "CONFIG_INVALID", message: "the file has 1 problem", hint: "mend it" }));
    return parseConfig(current, { connectors: [notes, fragile] });
  };
  const runner = await createRunner({
    ...(await parse()),
    logger: silentLogger,
    listen: false,
    readConfig: parse,
    ...(first.statewave.url === "stdout:" && {
      ingest: async (episodes) => void received.push(...episodes.map(({ text }) => text)),
    }),
  });
  onTestFinished(() => runner.stop());
  await runner.start();
  return { runner, set: (next) => (current = next), received, reads: () => reads };
}

/** What has been mended outside of the configuration. */
const mended = new Set<unknown>();

const anyOptions = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

function requireSound(options: unknown): void {
  const sound: unknown = Reflect.get(Object(options), "sound");
  if (sound !== true && !mended.has(sound)) throw new Error("it does not fit");
}

/** Opens only where `sound` is true, or names what is mended. */
const fragile = defineConnector({
  kind: "fragile",
  version: "1.0.0",
  pull: {
    config: anyOptions,
    open(options) {
      requireSound(options);
      return { async *pages() {} };
    },
  },
  push: {
    config: anyOptions,
    open(options) {
      requireSound(options);
      return { receive: () => refuse(401, "invalid_signature"), async *pages() {} };
    },
  },
});

const statusOf = async ({ runner }: World, signature: string) => (await runner.fetch(noteRequest("a", signature))).status;

describe("a reload", () => {
  test("adds, changes and removes entries, and reports each of them", async () => {
    const world = await open();
    world.set({
      ...base,
      pull: { notes: [{ name: "new", schedule: "every 1h" }] },
      push: { notes: [{ name: "team", signature: "next" }] },
    });
    expect(await world.runner.reload()).toEqual({
      parts: [
        { subject: "pull:notes/new", result: "added" },
        { subject: "push:notes/team", result: "changed" },
        { subject: "pull:notes/docs", result: "removed" },
      ],
      unchanged: 0,
    });
    expect([await statusOf(world, "right"), await statusOf(world, "next")]).toEqual([401, 200]);
    const { pulls, pushes } = world.runner.describe();
    expect([pulls.map(({ name }) => name), pushes.map(({ name }) => name)]).toEqual([["new"], ["team"]]);
    expect(pulls[0]).toHaveProperty("nextDue");
  });

  test("reports nothing when nothing has changed", async () => {
    const world = await open();
    expect(await world.runner.reload()).toEqual({ parts: [], unchanged: 2 });
  });

  test("keeps everything when the configuration is not valid", async () => {
    let isBroken = false;
    const world = await open(base, { failing: () => isBroken });
    isBroken = true;
    world.set({ ...base, push: {} });
    await expect(world.runner.reload()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(await statusOf(world, "right")).toBe(200);
    // Without its receiver it would wait in memory, and a stop for it.
    await vi.waitFor(() => expect(world.received).toHaveLength(1));
    isBroken = false;
    expect(await world.runner.reload()).toMatchObject({ parts: [{ subject: "push:notes/team", result: "removed" }] });
    expect(await statusOf(world, "right")).toBe(404);
  });

  test("keeps an entry that its connector cannot open, and applies the others", async () => {
    const sound = { ...base, push: { ...base.push, fragile: [{ name: "a", sound: true }] } };
    const world = await open(sound);
    world.set({
      ...base,
      push: {
        notes: [{ name: "team", signature: "next" }],
        fragile: [
          { name: "a", sound: false },
          { name: "b", sound: false },
        ],
      },
    });
    const failed = { result: "failed", error: { code: "RUNNER_ENTRY_OPEN", message: expect.stringContaining("does not fit") } };
    expect((await world.runner.reload()).parts).toMatchObject([
      { subject: "push:notes/team", result: "changed" },
      { subject: "push:fragile/a", ...failed },
      { subject: "push:fragile/b", ...failed },
    ]);
    const post = (name: string) => new Request(`https://mine.example/fragile/${name}/events`, { method: "POST", body: "{}" });
    const statuses = [await world.runner.fetch(post("a")), await world.runner.fetch(post("b"))].map(({ status }) => status);
    expect(statuses).toEqual([401, 404]);
    expect((await world.runner.reload()).parts).toHaveLength(2);
  });

  test("opens an entry again that could not be opened, although nothing of it has changed", async () => {
    const world = await open({ ...base, push: { ...base.push, fragile: [{ name: "a", sound: "when mended" }] } });
    expect((await world.runner.reload()).parts).toMatchObject([{ subject: "push:fragile/a", result: "failed" }]);
    mended.add("when mended");
    expect((await world.runner.reload()).parts).toEqual([{ subject: "push:fragile/a", result: "changed" }]);
    expect((await world.runner.reload()).parts).toEqual([]);
  });

  test("applies later what an earlier one left, although nothing has changed since", async () => {
    mended.add("at times");
    const inZone = (timezone: string) => ({
      ...base,
      runner: { port: 0, timezone },
      pull: { fragile: [{ name: "a", schedule: "0 12 * * *", sound: "at times" }] },
      push: {},
    });
    const world = await open(inZone("UTC"));
    const dueAt = () => world.runner.describe().pulls[0]?.nextDue?.slice(11, 16);
    expect(dueAt()).toBe("12:00");
    mended.delete("at times");
    world.set(inZone("Asia/Kolkata"));
    expect((await world.runner.reload()).parts).toMatchObject([{ subject: "pull:fragile/a", result: "failed" }]);
    expect(dueAt()).toBe("12:00");
    mended.add("at times");
    expect((await world.runner.reload()).parts).toEqual([{ subject: "pull:fragile/a", result: "changed" }]);
    expect(dueAt()).toBe("06:30");
    expect((await world.runner.reload()).parts).toEqual([]);
  });

  test("names what needs a restart, and applies nothing of it", async () => {
    const world = await open();
    world.set({ ...base, runner: { port: 0, max_body: "1KiB", state: { kind: "memory", key: "a-long-passphrase" } } });
    const restarts = [
      { subject: "[runner] max_body", result: "restart" },
      { subject: "[runner.state]", result: "restart" },
    ];
    expect((await world.runner.reload()).parts).toEqual(restarts);
    const large = await world.runner.fetch(noteRequest("a".repeat(2_000)));
    expect(large.status).toBe(200);
    expect((await world.runner.reload()).parts).toEqual(restarts);
  });

  test("that is requested while others wait shares one that reads the configuration again", async () => {
    const world = await open();
    const before = world.reads();
    const first = world.runner.reload();
    world.set({ ...base, push: {} });
    const others = Array.from({ length: 20 }, () => world.runner.reload());
    await first;
    const reports = await Promise.all(others);
    expect(new Set(reports).size).toBe(1);
    expect(world.reads() - before).toBe(2);
    expect(await statusOf(world, "right")).toBe(404);
  });

  test("never leaves a receiver without an answer while webhooks arrive", async () => {
    const world = await open();
    const statuses = new Set<number>();
    for (let round = 0; round < 10; round += 1) {
      world.set({
        ...base,
        pull: { notes: [{ name: `docs-${round}`, schedule: "every 1h" }] },
        push: { notes: [...base.push.notes, { name: `other-${round}`, signature: "right" }] },
      });
      const reloading = world.runner.reload();
      for (let request = 0; request < 20; request += 1) statuses.add(await statusOf(world, "right"));
      await reloading;
    }
    expect([...statuses]).toEqual([200]);
  });

  test("holds after a stop and another start", async () => {
    const world = await open();
    world.set({ ...base, push: { notes: [{ name: "team", signature: "next" }] } });
    await world.runner.reload();
    await world.runner.stop();
    await world.runner.start();
    expect(await statusOf(world, "next")).toBe(200);
  });

  test("is refused before the start, and without a configuration to read", async () => {
    const config = await parseConfig(base, { connectors: [notes] });
    const runner = await createRunner({ ...config, logger: silentLogger, listen: false });
    onTestFinished(() => runner.stop());
    await expect(runner.reload()).rejects.toMatchObject({ code: "RUNNER_NOT_STARTED" });
    await runner.start();
    await expect(runner.reload()).rejects.toMatchObject({ code: "RUNNER_RELOAD_UNSUPPORTED" });
  });
});

describe("a new key of Statewave", () => {
  async function server(apiKey: string): Promise<FakeStatewave> {
    const statewave = await startFakeStatewave({ apiKey });
    onTestFinished(() => statewave.close());
    return statewave;
  }

  test("is sent at once with what the former one could not deliver", async () => {
    const statewave = await server("second-key");
    const withKey = (api_key: string) => ({ ...base, statewave: { url: statewave.url, api_key } });
    const world = await open(withKey("first-key"));
    expect(await statusOf(world, "right")).toBe(200);
    await vi.waitFor(() => expect(statewave.stats().requests).toBeGreaterThan(0), 10_000);
    expect(statewave.stats().stored).toBe(0);
    world.set(withKey("second-key"));
    expect((await world.runner.reload()).parts).toEqual([{ subject: "[statewave] api_key", result: "changed" }]);
    await vi.waitFor(() => expect(statewave.stats().stored).toBe(1), 10_000);
  });
});
