import { describe, expect, test } from "vitest";
import { ConnectorsError, isConnectorsError } from "../../src/index.ts";
import { silentLogger } from "../../src/contract/logger.ts";
import { type Part, PartsInTurn, type PartsInTurnOptions, type TurnPage } from "../../src/paging/index.ts";
import { HandClock } from "../hand-clock.ts";
import { seededRandom } from "../seeded-random.ts";
import { collect } from "./overloaded.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const failure = (code: string, retryable: boolean, rest: { retryAtMs?: number; hint?: string } = {}) =>
  new ConnectorsError({ code: `ACME_${code}`, message: `Acme answered ${code.toLowerCase()}`, retryable, ...rest });
const unavailable = () => failure("UNAVAILABLE", true);
const forbidden = () => failure("FORBIDDEN", false, { hint: "grant the right" });

/** A source of parts: each is a list of items, and its state is how many of them were read. */
class Source {
  readonly clock = new HandClock();
  readonly parts: Part[];
  readonly items = new Map<string, number>();
  readonly errors = new Map<string, () => unknown>();
  readonly asked: string[] = [];
  readonly warnings: string[] = [];
  readonly reader: PartsInTurn<number>;
  pageSize = 10;

  constructor(count: number, options: Partial<PartsInTurnOptions<number>> = {}) {
    this.parts = Array.from({ length: count }, (_, index) => ({ id: `${index}`, name: `acme/r${index}` }));
    for (const { id } of this.parts) this.items.set(id, 5);
    this.reader = new PartsInTurn<number>({
      codePrefix: "ACME",
      parts: "repositories",
      clock: this.clock,
      random: () => 0.5,
      logger: { ...silentLogger, warn: (_message, fields) => this.warnings.push(String(fields?.["part"])) },
      readPart: (part, state) => this.#read(part, state ?? 0),
      ...options,
    });
  }

  add(count = 1): void {
    for (const [id, items] of this.items) this.items.set(id, items + count);
  }

  async *#read({ id }: Part, from: number) {
    this.asked.push(id);
    let state = from;
    for (;;) {
      const error = this.errors.get(id)?.();
      if (error !== undefined) throw error;
      const count = Math.min(this.pageSize, (this.items.get(id) ?? 0) - state);
      if (count <= 0) return;
      const episodes = Array.from({ length: count }, (_, at) => toEpisode(id, state + at));
      state += count;
      yield { episodes, state };
    }
  }
}

function toEpisode(part: string, item: number) {
  const key = `${part}:${item}`;
  return {
    subject: part,
    kind: "acme.item",
    text: key,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "item", id: key },
    idempotency_key: key,
  };
}

interface Stored {
  readonly states: Readonly<Record<string, number>>;
  readonly turn?: string | undefined;
}

const nothing: Stored = { states: {} };

async function read(source: Source, stored: Stored = nothing, options: { maxPages?: number; reader?: PartsInTurn<number> } = {}) {
  const { maxPages = Infinity, reader = source.reader } = options;
  source.asked.length = 0;
  const pages: TurnPage<number>[] = [];
  const cut = async function* () {
    for await (const page of reader.read({ ...stored, parts: source.parts, signal: new AbortController().signal })) {
      yield page;
      if (page.episodes.length > 0 && pages.length >= maxPages) return;
    }
  };
  const walk = (async () => {
    for await (const page of cut()) pages.push(page);
  })();
  const error: unknown = await walk.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const last = pages.at(-1);
  return {
    pages,
    error,
    keys: pages.flatMap(({ episodes }) => episodes.map(({ idempotency_key: key }) => key)),
    subjects: [...new Set(pages.flatMap(({ episodes }) => episodes.map(({ subject }) => subject)))],
    stored: last === undefined ? stored : { states: last.states, turn: last.turn },
    skipped: Object.assign({}, ...pages.map(({ skipped }) => skipped)) as Record<string, number>,
  };
}

test("reads every part to its end, each with a state of its own", async () => {
  const source = new Source(4);
  const first = await read(source);
  source.items.set("2", 7);
  const second = await read(source, first.stored);

  expect(first.error).toBeUndefined();
  expect(first.stored.states).toEqual({ 0: 5, 1: 5, 2: 5, 3: 5 });
  expect(second.keys).toEqual(["2:5", "2:6"]);
  expect(second.pages.filter(({ isLast }) => isLast)).toHaveLength(1);
});

test("a large part lets the others have their turn", async () => {
  const source = new Source(3, { pagesPerTurn: 4 });
  source.items.set("0", 200);
  const { pages, keys } = await read(source);
  const turns = pages.flatMap(({ episodes }) => episodes.slice(0, 1).map(({ subject }) => subject));

  expect(turns.slice(0, 6)).toEqual(["0", "0", "0", "0", "1", "2"]);
  expect(keys).toHaveLength(210);
});

test("a large part lets the others have their turn although every run is cut off before its turn ends", async () => {
  const source = new Source(3, { pagesPerTurn: 4 });
  source.items.set("0", 1_000);
  const subjects = new Set<string>();
  let stored = nothing;
  for (let run = 0; run < 4; run += 1) {
    const part = await read(source, stored, { maxPages: 2 });
    for (const subject of part.subjects) subjects.add(subject);
    ({ stored } = part);
  }

  expect([...subjects].toSorted()).toEqual(["0", "1", "2"]);
});

describe.each([
  { kind: "passing", error: unavailable },
  { kind: "blocked", error: forbidden },
  { kind: "a defect", error: () => new TypeError("x is undefined") },
  { kind: "no sense", error: () => failure("BAD_ANSWER", true) },
])("parts that fail ($kind)", ({ error }) => {
  test.each([
    { failing: ["2"] },
    { failing: ["0"] },
    { failing: ["6"] },
    { failing: ["2", "3", "4"] },
    { failing: ["0", "1", "2"] },
    { failing: ["4", "5", "6"] },
    { failing: ["0", "1", "2", "3", "4"] },
  ])("do not keep the others from being read in any run: $failing", async ({ failing }) => {
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

test("a source that is down is not asked for every part", async () => {
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
  const run = { parts: source.parts, states: {}, signal: new AbortController().signal };
  const missing = [{ name: "acme/gone", error: failure("NOT_FOUND", false) }];
  const { values, error } = await collect(source.reader.read({ ...run, missing }));

  expect(values.flatMap(({ episodes }) => episodes)).toHaveLength(10);
  expect(error).toMatchObject({ code: "ACME_NOT_FOUND", retryable: false, failedParts: ["acme/gone"] });
});

test("a failure that the connector expects counts as read", async () => {
  const source = new Source(3, { verdictOf: () => "none" });
  source.errors.set("1", forbidden);
  const { error, skipped } = await read(source);

  expect(error).toBeUndefined();
  expect(skipped).toEqual({});
});

test("states of quiet parts are stored together, at the end or when the run fails", async () => {
  const source = new Source(4, {
    readPart: async function* ({ id }) {
      if (id === "3" && isLimited) throw failure("RATE_LIMITED", true, { retryAtMs: hourMs });
      yield { episodes: [], state: 1, isQuiet: true };
    },
  });
  let isLimited = false;
  const whole = await read(source);
  isLimited = true;
  const cut = await read(source);

  expect(whole.pages.map(({ states, isLast }) => [Object.keys(states).length, isLast])).toEqual([[4, true]]);
  expect(cut.pages.map(({ states, isLast }) => [Object.keys(states).length, isLast])).toEqual([[3, false]]);
});

test("loses nothing and asks for nothing for ever, whichever parts fail whenever", async () => {
  const random = seededRandom();
  const kinds = [
    unavailable,
    forbidden,
    () => failure("BAD_ANSWER", true),
    () => failure("RATE_LIMITED", true, { retryAtMs: 1 }),
  ];
  for (let round = 0; round < 30; round += 1) {
    const source = new Source(1 + Math.floor(random() * 12), { pagesPerTurn: 2 });
    const keys = new Set<string>();
    let stored = nothing;
    let { reader } = source;
    const runOnce = async () => {
      const result = await read(source, stored, { reader, maxPages: random() < 0.3 ? Math.floor(random() * 4) : Infinity });
      for (const key of result.keys) keys.add(key);
      ({ stored } = result);
      expect(source.asked.length).toBeLessThan(200);
    };
    for (let run = 0; run < 15; run += 1) {
      for (const { id } of source.parts) {
        source.items.set(id, (source.items.get(id) ?? 0) + Math.floor(random() * 30));
        const kind = kinds[Math.floor(random() * kinds.length)];
        if (random() < 0.3 && kind !== undefined) source.errors.set(id, kind);
        else source.errors.delete(id);
      }
      await runOnce();
      source.clock.nowMs += Math.floor(random() * 2 * hourMs);
      // A new process remembers no failures.
      if (random() < 0.1) ({ reader } = Object.assign(new Source(0), { reader: source.reader }));
    }
    source.errors.clear();
    for (let run = 0; run < 12; run += 1) {
      source.clock.nowMs += 3 * hourMs;
      await runOnce();
    }
    const { error, stored: end } = await read(source, stored);
    expect(error).toBeUndefined();
    expect(end.states).toEqual(Object.fromEntries(source.items));
  }
});
