import { describe, expect, test } from "vitest";
import { ConnectorsError, isConnectorsError } from "../../src/index.ts";
import type { FailedPart } from "../../src/paging/index.ts";
import { collect } from "./overloaded.ts";
import { failure, forbidden, hourMs, minuteMs, nothing, read, Source, unavailable } from "./parted-source.ts";

describe.each([
  { kind: "passing", error: unavailable },
  { kind: "blocked", error: forbidden },
  { kind: "a defect", error: () => new TypeError("x is undefined") },
  { kind: "no sense", error: () => failure("BAD_ANSWER", true) },
  { kind: "maintenance", error: () => failure("UNAVAILABLE", true, { retryAtMs: 30 * minuteMs }) },
  { kind: "the network", error: () => new ConnectorsError({ code: "NETWORK_FAILED", message: "reset", retryable: true }) },
])("parts that fail ($kind)", ({ error }) => {
  test.each([
    { failing: ["2"] },
    { failing: ["0"] },
    { failing: ["6"] },
    { failing: ["2", "3", "4"] },
    { failing: ["0", "1", "2"] },
    { failing: ["4", "5", "6"] },
    { failing: ["0", "4", "6"] },
    { failing: ["0", "1", "2", "3", "4"] },
    { failing: ["0", "1", "2", "4", "5", "6"] },
  ])("keep no other part from being read, in any run: $failing", async ({ failing }) => {
    const source = new Source(7);
    for (const id of failing) source.errors.set(id, error);
    const others = source.parts.map(({ id }) => id).filter((id) => !failing.includes(id));
    let stored = nothing;
    for (let run = 0; run < 5; run += 1) {
      source.add();
      const result = await read(source, stored);
      ({ stored } = result);
      expect(result.subjects.toSorted(), `run ${run}`).toEqual(others);
      source.clock.nowMs += 5 * minuteMs;
    }
  });

  test("are read as soon as they can be", async () => {
    const source = new Source(5);
    for (const id of ["1", "2", "3"]) source.errors.set(id, error);
    let { stored } = await read(source);
    source.errors.clear();
    const keys: string[] = [];
    for (let run = 0; run < 3; run += 1) {
      source.clock.nowMs += hourMs;
      const result = await read(source, stored);
      ({ stored } = result);
      keys.push(...result.keys);
    }

    expect(keys).toHaveLength(15);
    expect((await read(source, stored)).error).toBeUndefined();
  });
});

test("the error at the end names the parts that could not be read, and says when a run for them is of use", async () => {
  const source = new Source(6);
  source.errors.set("2", unavailable).set("4", unavailable);
  const { error } = await read(source);

  expect(error).toMatchObject({
    code: "ACME_UNAVAILABLE",
    message: "2 of 6 repositories could not be read: acme/r2: Acme answered unavailable; acme/r4: Acme answered unavailable",
    retryable: true,
    failedParts: ["acme/r2", "acme/r4"],
    retryAtMs: source.clock.nowMs + minuteMs,
  });
});

test("a part that fails again and again is left alone for longer, and named all the same", async () => {
  const source = new Source(3);
  source.errors.set("1", unavailable);
  let stored = nothing;
  let attempts = 0;
  const waits: number[] = [];
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    const result = await read(source, stored);
    ({ stored } = result);
    attempts += source.asked.includes("1") ? 1 : 0;
    expect(isConnectorsError(result.error) && result.error.failedParts).toEqual(["acme/r1"]);
    waits.push(isConnectorsError(result.error) ? (result.error.retryAtMs ?? 0) - source.clock.nowMs : 0);
    source.clock.nowMs += minuteMs;
  }

  expect(attempts).toBeLessThan(20);
  expect(waits.slice(0, 3)).toEqual([minuteMs, minuteMs, 5 * minuteMs]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(2 * hourMs);
  expect(source.warnings).toEqual(["acme/r1"]);
});

test("a part that fails behind its first pages is requested in every run, because it makes progress", async () => {
  const source = new Source(2);
  source.pageSize = 1;
  source.items.set("1", 50);
  let requests = 0;
  source.errors.set("1", () => ((requests += 1) % 3 === 0 ? unavailable() : undefined));
  let stored = nothing;
  for (let run = 0; run < 10; run += 1) {
    ({ stored } = await read(source, stored));
    expect(source.asked).toContain("1");
  }

  expect(stored.states["1"]).toBe(20);
});

test("a blocked part is named, counted and left alone for hours, and is no error of the run", async () => {
  const source = new Source(7);
  for (const id of ["2", "3", "4"]) source.errors.set(id, forbidden);
  const first = await read(source);
  source.clock.nowMs += 30 * minuteMs;
  const second = await read(source, first.stored);
  const asked = [...source.asked];
  source.clock.nowMs += hourMs;
  await read(source, second.stored);

  expect([first.error, second.error]).toEqual([undefined, undefined]);
  expect([first.skipped, second.skipped]).toEqual([{ repositories_blocked: 3 }, { repositories_blocked: 3 }]);
  expect(source.warnings).toEqual(["acme/r2", "acme/r3", "acme/r4"]);
  expect(asked.toSorted()).toEqual(["0", "1", "5", "6"]);
  expect(source.asked).toEqual(expect.arrayContaining(["2", "3", "4"]));
});

test("when one blocked part can be read again, those that were blocked in the same way are requested at once", async () => {
  const source = new Source(6);
  for (const id of ["1", "2", "3"]) source.errors.set(id, forbidden);
  const first = await read(source);
  source.errors.clear();
  source.clock.nowMs += 76 * minuteMs;
  const second = await read(source, first.stored);

  expect(second.error).toBeUndefined();
  expect(second.keys).toHaveLength(15);
});

test("a source whose parts are all blocked says so", async () => {
  const source = new Source(20);
  for (const { id } of source.parts) source.errors.set(id, forbidden);
  const first = await read(source);
  const second = await read(source);

  expect(first.error).toMatchObject({ code: "ACME_FORBIDDEN", retryable: false, hint: "grant the right" });
  expect(first.error).toMatchObject({ message: expect.stringContaining("20 of 20 repositories could not be read: acme/r0: ") });
  expect(second.error).toMatchObject({ code: "ACME_FORBIDDEN" });
  // Three of them show whether something changed.
  expect(source.asked).toHaveLength(3);
});

test("a source that is down is not requested for every part", async () => {
  const source = new Source(50);
  for (const { id } of source.parts) source.errors.set(id, unavailable);
  const down = await read(source);
  const asked = source.asked.length;
  source.errors.clear();
  const up = await read(source, down.stored);

  expect(asked).toBe(3);
  expect(down.error).toMatchObject({ code: "ACME_UNAVAILABLE", message: "Acme answered unavailable", failedParts: undefined });
  expect(up.error).toBeUndefined();
  expect(up.subjects).toHaveLength(50);
});

test("a source of few parts that is down fails with the provider's own error", async () => {
  const source = new Source(4);
  for (const { id } of source.parts) source.errors.set(id, unavailable);

  expect((await read(source)).error).toMatchObject({ message: "Acme answered unavailable", failedParts: undefined });
});

test("parts that lie together and fail do not keep others of many from being read", async () => {
  const source = new Source(100);
  for (const { id } of source.parts.slice(0, 40)) source.errors.set(id, unavailable);

  expect((await read(source)).subjects).toHaveLength(60);
});

test("a source that goes down in the middle of a run is noticed by a part that could be read before", async () => {
  const source = new Source(50);
  let reads = 0;
  for (const { id } of source.parts) source.errors.set(id, () => ((reads += 1) > 20 ? unavailable() : undefined));
  const { error, subjects } = await read(source);

  expect(error).toMatchObject({ code: "ACME_UNAVAILABLE", failedParts: undefined });
  expect(subjects.length).toBeGreaterThan(5);
  expect(source.asked.length).toBeLessThan(20);
});

test("a run that a source ended does not count against the parts", async () => {
  const source = new Source(10);
  for (const { id } of source.parts) source.errors.set(id, unavailable);
  let stored = nothing;
  for (let run = 0; run < 20; run += 1) {
    ({ stored } = await read(source, stored));
    source.clock.nowMs += minuteMs;
  }
  source.errors.clear();

  expect((await read(source, stored)).subjects).toHaveLength(10);
});

test.each([
  { title: "refused credentials", error: () => failure("UNAUTHORIZED", false) },
  { title: "a rate limit", error: () => failure("RATE_LIMITED", true, { retryAtMs: hourMs }) },
])("$title end the run at once", async ({ error }) => {
  const source = new Source(5);
  source.errors.set("2", error);
  const { error: thrown } = await read(source);

  expect(thrown).toMatchObject({ failedParts: undefined });
  expect(source.asked).toEqual(["0", "1", "2"]);
});

test("a source of one part fails with the part's own error", async () => {
  const source = new Source(1);
  source.errors.set("0", unavailable);

  expect((await read(source)).error).toMatchObject({ message: "Acme answered unavailable", retryAtMs: undefined });
});

test("parts that could not be found are named beside the others", async () => {
  const source = new Source(2);
  const run = { parts: source.parts, states: {}, readPart: source.readPart, signal: new AbortController().signal };
  const missing = [{ name: "acme/gone", error: failure("NOT_FOUND", false) }];
  const { values, error } = await collect(source.reader.read({ ...run, missing }));

  expect(values.flatMap(({ episodes }) => episodes)).toHaveLength(10);
  expect(error).toMatchObject({ code: "ACME_NOT_FOUND", retryable: false, failedParts: ["acme/gone"] });
});

test("a part that could not be found for a reason that may pass is worth another run a minute later", async () => {
  const source = new Source(2);
  const run = { parts: source.parts, states: {}, readPart: source.readPart, signal: new AbortController().signal };
  const missing = [{ name: "acme/slow", error: failure("UNAVAILABLE", true) }];
  const { error } = await collect(source.reader.read({ ...run, missing }));

  expect(error).toMatchObject({ retryable: true, retryAtMs: source.clock.now() + minuteMs, failedParts: ["acme/slow"] });
});

test("what is found missing while parts are read is named as well", async () => {
  const source = new Source(2);
  const missing: FailedPart[] = [];
  const { values, error } = await collect(
    source.reader.read({
      parts: source.parts,
      states: {},
      missing,
      readPart: (...asked: Parameters<typeof source.readPart>) => {
        missing.push({ name: `a thread of ${asked[0].name}`, error: failure("UNAVAILABLE", true), retryAtMs: minuteMs });
        return source.readPart(...asked);
      },
      signal: new AbortController().signal,
    }),
  );

  expect(values.flatMap(({ episodes }) => episodes)).toHaveLength(10);
  const names = source.parts.map(({ name }) => `a thread of ${name}`);
  expect(error).toMatchObject({ code: "ACME_UNAVAILABLE", retryAtMs: minuteMs, failedParts: names });
});

test("a failure that the connector expects counts as read", async () => {
  const source = new Source(3, { verdictOf: () => "none" });
  source.errors.set("1", forbidden);
  const { error, skipped } = await read(source);

  expect(error).toBeUndefined();
  expect(skipped).toEqual({});
});
