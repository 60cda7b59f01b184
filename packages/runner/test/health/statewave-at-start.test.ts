import { parseConfig } from "@statewave-connectors/config";
import { defineConnector, Secret } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { type FakeStatewaveOptions, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createRunner } from "../../src/index.ts";
import { StatewaveAtStart } from "../../src/health/statewave-at-start.ts";
import type { Access } from "../../src/sinks/statewave/check-access.ts";
import { keepingLogger } from "./logging.ts";

const patience = { timeout: 60_000 };

async function fakeAt(options: FakeStatewaveOptions = {}) {
  const fake = await startFakeStatewave(options);
  onTestFinished(() => fake.close());
  return fake;
}

interface LookOptions {
  readonly apiKey?: string;
  readonly fetchImpl?: typeof fetch;
  readonly clock?: FakeClock;
  readonly isTried?: () => boolean;
}

function lookAt(url: string, { apiKey, fetchImpl, clock = new FakeClock(Date.now()), isTried }: LookOptions = {}) {
  const { logger, lines } = keepingLogger();
  const statewave = { url, tenantHeader: "X-Tenant-ID", apiKey: apiKey === undefined ? undefined : new Secret(apiKey) };
  const found: string[] = [];
  const onAccess = ({ type }: Access) => void found.push(type);
  const look = new StatewaveAtStart({ statewave, clock, logger, fetchImpl, onAccess, ...(isTried !== undefined && { isTried }) });
  onTestFinished(() => look.stop());
  look.begin();
  const warnings = () => lines.filter(({ level }) => level !== "debug");
  return { look, lines, warnings, clock, found };
}

describe("behind a start", () => {
  test("nothing is logged above debug of a server that is well, and nothing is written to it", async () => {
    const fake = await fakeAt({ apiKey: "right" });
    const { lines, warnings } = lookAt(fake.url, { apiKey: "right" });
    await vi.waitFor(() => expect(lines.length).toBe(2), patience);
    expect(warnings()).toEqual([]);
    expect(fake.stats()).toMatchObject({ stored: 0, answers: { 422: 1 } });
  });

  test("a wrong key is an error with what to change, without the key", async () => {
    const fake = await fakeAt({ apiKey: "right" });
    const { lines, warnings } = lookAt(fake.url, { apiKey: "wr0ng" });
    await vi.waitFor(() => expect(lines.length).toBe(3), patience);
    expect(warnings()).toEqual([
      {
        level: "error",
        message: "Statewave refuses what this configuration sends",
        fields: {
          sink: `Statewave at ${fake.url}`,
          reason: "403 invalid_api_key",
          hint: "check [statewave] api_key: the server does not accept it",
        },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain("wr0ng");
  });

  test("a server that ignores keys is warned of, with its version", async () => {
    const fake = await fakeAt({ release: "0.7.1" });
    const { warnings } = lookAt(fake.url);
    await vi.waitFor(() => expect(warnings().length).toBe(2), patience);
    expect(warnings()[0]).toMatchObject({ level: "warn", fields: { version: "0.7.1", hint: expect.stringContaining("update") } });
  });

  test("a server that does not answer is reported once, and looked at again until it does", async () => {
    const askedAtMs: number[] = [];
    let isUp = false;
    const clock = new FakeClock();
    const fetchImpl: typeof fetch = async (input) => {
      askedAtMs.push(clock.now());
      if (!isUp) throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
      const { pathname } = new URL(new Request(input).url);
      if (pathname === "/v1/version") return Response.json({ version: "1.0.0" });
      if (pathname === "/v1/episodes/batch") return Response.json({ error: { code: "validation_error" } }, { status: 422 });
      return new Response("", { status: 404 });
    };
    const { lines, warnings } = lookAt("http://memory.example", { fetchImpl, clock });
    const startMs = clock.now();
    for (let minute = 0; minute < 8; minute += 1) await clock.advance(60_000);
    const looks = new Set(askedAtMs.map((atMs) => (atMs - startMs) / 1_000));
    expect([...looks]).toEqual([0, 5, 15, 35, 75, 135, 195, 255, 315, 375, 435]);
    isUp = true;
    await clock.advance(60 * 60_000);
    expect(lines.map(({ level, fields }) => [level, fields?.["version"] ?? fields?.["reason"]])).toEqual([
      ["warn", "network: ECONNREFUSED"],
      ["debug", "1.0.0"],
    ]);
    expect(warnings()).toMatchObject([{ message: "Statewave takes nothing at the moment; what is to be delivered waits" }]);
    expect(clock.pending).toBe(0);
  });

  test("a server that refuses the key is looked at again until it takes it, or something was sent", async () => {
    const fake = await fakeAt({ apiKey: "right" });
    const clock = new FakeClock(Date.now());
    let isTried = false;
    const { found, lines } = lookAt(fake.url, { apiKey: "wr0ng", clock, isTried: () => isTried });
    await vi.waitFor(() => expect(lines.length).toBe(3), patience);
    await vi.waitFor(() => expect(clock.pending).toBe(1), patience);
    await clock.advance(5_000);
    await vi.waitFor(() => expect(found).toEqual(["refused", "refused"]), patience);
    await vi.waitFor(() => expect(clock.pending).toBe(1), patience);
    isTried = true;
    await clock.advance(10_000);
    await vi.waitFor(() => expect(clock.pending).toBe(0), patience);
    expect(lines.length).toBe(3);
  });

  test("another server's page is reported as that, and nothing is said of what it lacks", async () => {
    const fetchImpl: typeof fetch = async () => new Response("<html>Welcome", { status: 200 });
    const { lines, warnings } = lookAt("http://memory.example", { fetchImpl });
    await vi.waitFor(() => expect(lines.length).toBe(1), patience);
    expect(warnings()).toMatchObject([
      { level: "error", fields: { reason: expect.stringContaining("not come from Statewave") } },
    ]);
  });

  test("a stop ends the look without a line", async () => {
    const fake = await fakeAt({ faults: [{ type: "hang" }] });
    const { look, lines, clock } = lookAt(fake.url);
    look.stop();
    await vi.waitFor(() => expect(clock.pending).toBe(0), patience);
    expect(lines).toEqual([]);
  });
});

const accepting = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
const hooks = defineConnector({
  kind: "hooks",
  version: "1.0.0",
  push: { config: accepting, open: () => ({ receive: () => ({ type: "event" }), async *pages() {} }) },
});

describe("a runner", () => {
  async function startRunner(ingest?: () => Promise<void>) {
    const fake = await fakeAt({ release: "1.0.0" });
    const { logger, lines } = keepingLogger();
    const config = await parseConfig({ statewave: { url: fake.url }, push: { hooks: [{ name: "a" }] } }, { connectors: [hooks] });
    const runner = await createRunner({ ...config, logger, listen: false, ...(ingest !== undefined && { ingest }) });
    onTestFinished(() => runner.stop());
    await runner.start();
    return { fake, lines };
  }

  test("looks at its Statewave", async () => {
    const { fake, lines } = await startRunner();
    await vi.waitFor(
      () =>
        expect(lines).toContainEqual(expect.objectContaining({ message: expect.stringContaining("ignores idempotency keys") })),
      patience,
    );
    expect(fake.stats().stored).toBe(0);
  });

  test("looks at nothing when the embedding program takes the episodes", async () => {
    const { fake, lines } = await startRunner(async () => undefined);
    await vi.waitFor(() => expect(lines.map(({ message }) => message)).toContain("started without a port"), patience);
    expect(fake.stats().requests).toBe(0);
  });
});
