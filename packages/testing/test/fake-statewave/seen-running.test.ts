// What a real server (0.7.1 with the newer ingest path, on Postgres) was seen to do, and no page of upstream says.
import { afterEach, describe, expect, it } from "vitest";
import { type FakeStatewave, type FakeStatewaveOptions, startFakeStatewave } from "../../src/fake-statewave/index.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: FakeStatewaveOptions = {}): Promise<FakeStatewave> {
  const fake = await startFakeStatewave(options);
  closers.push(() => fake.close());
  return fake;
}

async function post(fake: FakeStatewave, episodes: string): Promise<{ readonly status: number; readonly code: unknown }> {
  const response = await fetch(`${fake.url}/v1/episodes/batch`, { method: "POST", body: `{"episodes":[${episodes}]}` });
  const body = (await response.json()) as { error?: { code: string } };
  return { status: response.status, code: body.error?.code };
}

function item(fields: string, key = "k"): string {
  return `{"subject_id":"repo:a","source":"s","type":"t","payload":{"text":"hello"},"idempotency_key":"${key}",${fields}}`;
}

const nested = (levels: number) => `"metadata":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("a time", () => {
  it("at the very beginning of the calendar is stored as -infinity", async () => {
    const fake = await start();
    expect(await post(fake, item('"occurred_at":"0001-01-01T00:00:00Z"'))).toEqual({ status: 201, code: undefined });
    expect(await post(fake, item('"occurred_at":"0001-01-01T00:00:01Z"', "later"))).toMatchObject({ status: 201 });
    expect(fake.episodes.map(({ occurred_at: at }) => at)).toEqual(["-infinity", "0001-01-01T00:00:01Z"]);
  });

  it.each(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])(
    "that its offset moves out of the calendar takes its batch along: %s",
    async (at) => {
      const fake = await start();
      const batch = `${item('"metadata":{}', "other")},${item(`"occurred_at":"${at}"`)}`;
      expect(await post(fake, batch)).toEqual({ status: 500, code: "internal_error" });
      expect(fake.stats().stored).toBe(0);
    },
  );

  it.each(["2024-02-30T00:00:00Z", "2023-02-29", "2024-01-01T23:59:60Z", "2024-13-01T00:00:00Z", "0000-01-01T00:00:00Z"])(
    "that no calendar has is refused: %s",
    async (at) => {
      expect(await post(await start(), item(`"occurred_at":"${at}"`))).toEqual({ status: 422, code: "validation_error" });
    },
  );

  it.each(["2024-02-29", "2024-02-29T12:00", "2024-02-29T12:00:00.5+02:00"])("is taken as it is: %s", async (at) => {
    const fake = await start();
    expect(await post(fake, item(`"occurred_at":"${at}"`))).toMatchObject({ status: 201 });
  });
});

describe("a body that is JSON", () => {
  it("is stored and then answered 500 when its metadata is 500 levels deep", async () => {
    const fake = await start();
    expect(await post(fake, item(nested(600)))).toEqual({ status: 500, code: "internal_error" });
    expect(fake.stats().stored).toBe(1);
  });

  it("is unreadable, which is no missing tenant, when it is 2,000 levels deep or holds an integer of 5,000 digits", async () => {
    const fake = await start();
    for (const fields of [nested(2_100), `"metadata":{"n":${"7".repeat(5_000)}}`]) {
      expect(await post(fake, item(fields))).toEqual({ status: 400, code: "http_error" });
    }
    expect(await post(fake, item(`"metadata":{"n":"${"7".repeat(5_000)}"}`))).toMatchObject({ status: 201 });
    expect(fake.stats().stored).toBe(1);
  });
});

it("a key of 513 characters is refused as a field, and fails the database in metadata", async () => {
  const fake = await start();
  const long = "k".repeat(513);
  expect(await post(fake, item('"metadata":{}', long))).toEqual({ status: 422, code: "validation_error" });
  const fallback = `{"subject_id":"repo:a","source":"s","type":"t","payload":{},"metadata":{"idempotency_key":"${long}"}}`;
  expect(await post(fake, fallback)).toEqual({ status: 500, code: "internal_error" });
  expect(fake.stats().stored).toBe(0);
});

it("a 500 can come after the commit: the repeat is a duplicate", async () => {
  const fake = await start({ faults: [{ type: "stored_error", times: 1 }] });
  expect(await post(fake, item('"metadata":{}'))).toEqual({ status: 500, code: "internal_error" });
  expect(await post(fake, item('"metadata":{}'))).toMatchObject({ status: 201 });
  expect(fake.stats()).toMatchObject({ stored: 1, duplicates: 1 });
});

describe("an old release", () => {
  it("0.7.1 knows neither keys nor times nor /v1/version, and takes any subject", async () => {
    const fake = await start({ release: "0.7.1", now: () => Date.UTC(2026, 0, 1) });
    const episode = item('"occurred_at":"2020-01-01T00:00:00Z"').replace("repo:a", "repo:a/b");
    for (let round = 0; round < 2; round += 1) expect(await post(fake, episode)).toMatchObject({ status: 201 });
    expect(fake.stats()).toMatchObject({ stored: 2, duplicates: 0 });
    expect(fake.episodes[0]).toMatchObject({ occurred_at: "2026-01-01T00:00:00.000Z", idempotency_key: null });
    expect((await fetch(`${fake.url}/v1/version`)).status).toBe(404);
  });

  it.each([
    ["0.7.1", false, false],
    ["1.0.0", true, false],
    ["1.4.0", true, true],
  ] as const)("%s shows in /openapi.json whether it knows times (%s) and keys (%s)", async (release, times, keys) => {
    const response = await fetch(`${(await start({ release })).url}/openapi.json`);
    const { info, components } = (await response.json()) as {
      readonly info: { readonly version: string };
      readonly components: { readonly schemas: { readonly CreateEpisodeRequest: { readonly properties: object } } };
    };
    const { properties } = components.schemas.CreateEpisodeRequest;
    expect([info.version, "occurred_at" in properties, "idempotency_key" in properties]).toEqual([release, times, keys]);
  });
});
