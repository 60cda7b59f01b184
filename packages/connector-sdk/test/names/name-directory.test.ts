import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ConnectorsError } from "../../src/index.ts";
import { silentLogger } from "../../src/host/index.ts";
import { NameDirectory, NameRequests, type Names } from "../../src/names/index.ts";
import { HandClock } from "../hand-clock.ts";

interface Known {
  readonly room: { readonly title: string; readonly owner: string };
  readonly person: string;
}

const hourMs = 3_600_000;
const down = new ConnectorsError({ code: "ACME_UNAVAILABLE", message: "down", retryable: true });
const notFound = new ConnectorsError({ code: "ACME_NOT_FOUND", message: "not found" });
const forbidden = new ConnectorsError({ code: "ACME_FORBIDDEN", message: "no right to see people" });

/** A directory whose provider fails when `fail` answers with an error; every request is counted. */
function open(options: { attempts?: number; fail?: (id: string) => ConnectorsError | undefined } = {}) {
  const clock = new HandClock();
  const asked: string[] = [];
  let answer = Promise.resolve();
  const ask = async (id: string) => {
    asked.push(id);
    await answer;
    const error = options.fail?.(id);
    if (error !== undefined) throw error;
  };
  const isAbsent = ({ code }: ConnectorsError) => code === "ACME_NOT_FOUND";
  const directory = new NameDirectory<Known>({
    clock,
    logger: silentLogger,
    attempts: options.attempts ?? 1,
    kinds: {
      room: {
        method: "rooms.get",
        isAbsent,
        fetch: async (id) => {
          await ask(id);
          return { title: `room ${id}`, owner: `owner of ${id}` };
        },
      },
      person: {
        method: "people.get",
        isAbsent,
        most: 3,
        fetch: async (id) => {
          await ask(id);
          return `name of ${id}`;
        },
      },
    },
  });
  const shown = (names: Names<Known>, ids: readonly string[]) => ids.map((id) => names.person(id));
  const people = async (ids: readonly string[], more: { patienceMs?: number; signal?: AbortSignal; most?: number } = {}) => {
    const { names, error } = await directory.namesFor({
      uses: (known) => shown(known, ids).length > 0,
      most: 50,
      signal: new AbortController().signal,
      ...more,
    });
    return { shown: shown(names, ids), error };
  };
  return { clock, asked, directory, people, hold: (until: Promise<void>) => void (answer = until) };
}

describe("a name", () => {
  test("is looked up once within an hour, however many need it at the same time", async () => {
    const { asked, clock, people } = open();
    await Promise.all(Array.from({ length: 9 }, () => people(["U1", "U2"])));
    expect(asked).toEqual(["U1", "U2"]);
    clock.nowMs += hourMs;
    expect((await people(["U1"])).shown).toEqual(["name of U1"]);
    expect(asked).toHaveLength(3);
  });

  test("that came in a list is not looked up", async () => {
    const { asked, directory, people } = open();
    directory.learn("person", "U1", "Ann");
    expect((await people(["U1"])).shown).toEqual(["Ann"]);
    expect(asked).toEqual([]);
  });

  test("may lead to another one, in as many rounds as are allowed", async () => {
    const { directory } = open();
    const uses = (names: Names<Known>) => names.person(names.room("R1")?.owner ?? "") !== "";
    const { signal } = new AbortController();
    const { names } = await directory.namesFor({ uses, most: 9, rounds: 2, signal });
    expect(names.person("owner of R1")).toBe("name of owner of R1");
  });

  test("is not looked up for what shows none", async () => {
    const { asked, directory } = open();
    const uses = (names: Names<Known>) => names.person("U1") !== undefined;
    await directory.namesFor({ uses, most: 9, signal: new AbortController().signal });
    expect(asked).toEqual([]);
  });

  test("beyond the most of a kind is left open, and forgotten when too many are known", async () => {
    const { asked, people } = open();
    const ids = Array.from({ length: 10 }, (_, at) => `U${at}`);
    expect((await people(ids, { most: 4 })).shown.filter((name) => name !== undefined)).toEqual(
      ["U1", "U2", "U3"].map((id) => `name of ${id}`),
    );
    expect(asked).toHaveLength(4);
  });
});

describe("a look-up that fails", () => {
  test("because the provider knows no such id is not tried again for ten minutes, and is no error", async () => {
    const { asked, clock, people } = open({ fail: () => notFound });
    expect(await people(["U1"])).toEqual({ shown: [undefined], error: undefined });
    await people(["U1"]);
    expect(asked).toEqual(["U1"]);
    clock.nowMs += 10 * 60_000;
    await people(["U1"]);
    expect(asked).toEqual(["U1", "U1"]);
  });

  test("for a reason that may pass is tried at once as often as is allowed", async () => {
    let failures = 2;
    const { people } = open({ attempts: 3, fail: () => ((failures -= 1) >= 0 ? down : undefined) });
    expect(await people(["U1"])).toEqual({ shown: ["name of U1"], error: undefined });
  });

  test("leaves the provider alone for a minute, or until a new run", async () => {
    const { asked, clock, directory, people } = open({ fail: () => down });
    expect((await people(["U1", "U2"])).error).toBe(down);
    expect(asked).toEqual(["U1"]);
    clock.nowMs += 59_999;
    await people(["U1"]);
    expect(asked).toHaveLength(1);
    directory.tryAgain();
    await people(["U1"]);
    clock.nowMs += 60_000;
    await people(["U1"]);
    expect(asked).toHaveLength(3);
  });

  test("for a refusal leaves the provider alone for ten minutes, in new runs as well", async () => {
    const { asked, clock, directory, people } = open({ fail: () => forbidden });
    expect((await people(["U1"])).error).toBe(forbidden);
    directory.tryAgain();
    await people(["U1"]);
    expect(asked).toHaveLength(1);
    clock.nowMs += 10 * 60_000;
    await people(["U1"]);
    expect(asked).toHaveLength(2);
  });

  test("for a limit waits for the moment that the provider names", async () => {
    const limited = new ConnectorsError({ code: "ACME_RATE_LIMITED", message: "too many", retryAtMs: 21_000 });
    const { asked, clock, people } = open({ fail: () => limited });
    await people(["U1"]);
    clock.nowMs = 20_999;
    expect((await people(["U1"])).error).toBe(limited);
    expect(asked).toHaveLength(1);
    clock.nowMs = 21_000;
    await people(["U1"]);
    expect(asked).toHaveLength(2);
  });

  test("for one id alone is given up, while others are answered", async () => {
    const { directory, people } = open({ attempts: 2, fail: (id) => (id === "U1" ? down : undefined) });
    const errors: unknown[] = [];
    for (let run = 0; run < 3; run += 1) {
      directory.tryAgain();
      errors.push((await people(["U1", `U${run + 2}`])).error);
    }
    expect(errors).toEqual([down, down, undefined]);
  });
});

describe("names that the provider gives several at once", () => {
  function openMany(fail: (ids: readonly string[]) => ConnectorsError | undefined = () => undefined) {
    const asked: (readonly string[])[] = [];
    const directory = new NameDirectory<{ person: string }>({
      clock: new HandClock(),
      logger: silentLogger,
      attempts: 2,
      kinds: {
        person: {
          method: "people.show_many",
          isAbsent: ({ code }) => code === "ACME_NOT_FOUND",
          mostAtOnce: 3,
          fetchMany: (ids) => {
            asked.push(ids);
            const error = fail(ids);
            if (error !== undefined) return Promise.reject(error);
            return Promise.resolve(new Map(ids.filter((id) => id !== "U9").map((id) => [id, `name of ${id}`])));
          },
        },
      },
    });
    const people = async (...ids: readonly string[]) => {
      const uses = (names: Names<{ person: string }>) => ids.map((id) => names.person(id)).length > 0;
      const { error } = await directory.namesFor({ uses, most: 50, signal: new AbortController().signal });
      return { shown: ids.map((id) => directory.names.person(id)), error };
    };
    return { asked, people };
  }

  test("are known but for the one that the provider refuses with all others in its request", async () => {
    const { asked, people } = openMany((ids) => (ids.includes("U2") ? notFound : undefined));
    const { shown, error } = await people("U1", "U2", "U3", "U4", "U5");
    expect([shown, error]).toEqual([["name of U1", undefined, "name of U3", "name of U4", "name of U5"], undefined]);
    expect(asked).toEqual([["U1", "U2", "U3"], ["U1"], ["U2", "U3"], ["U2"], ["U3"], ["U4", "U5"]]);
  });

  test("are requested once, also by callers that wait for them at the same time", async () => {
    const { asked, people } = openMany();
    const both = await Promise.all([people("U1", "U2"), people("U2", "U3")]);
    expect(both.map(({ shown }) => shown)).toEqual([
      ["name of U1", "name of U2"],
      ["name of U2", "name of U3"],
    ]);
    expect(asked).toEqual([["U1", "U2"], ["U3"]]);
  });

  test("are requested together, as many as it takes, and each once", async () => {
    const { asked, people } = openMany();
    const ids = ["U1", "U2", "U3", "U4"];
    expect((await people(...ids)).shown).toEqual(ids.map((id) => `name of ${id}`));
    await people("U4", "U5");
    expect(asked).toEqual([["U1", "U2", "U3"], ["U4"], ["U5"]]);
  });

  test("have no name where the answer leaves them out", async () => {
    const { asked, people } = openMany();
    expect(await people("U1", "U9")).toEqual({ shown: ["name of U1", undefined], error: undefined });
    await people("U9");
    expect(asked).toHaveLength(1);
  });

  test("are requested one by one behind a request that failed, until one is answered", async () => {
    const { asked, people } = openMany((ids) => (ids.includes("U1") ? down : undefined));
    expect(await people("U1", "U2", "U3")).toEqual({ shown: [undefined, "name of U2", "name of U3"], error: down });
    expect(asked).toEqual([["U1", "U2", "U3"], ["U1", "U2", "U3"], ["U2"], ["U3"]]);
  });
});

describe("names that are waited for", () => {
  test("stay open when the patience is over, and arrive for the next one", async () => {
    const { clock, people, hold } = open();
    const { promise, resolve } = Promise.withResolvers<void>();
    hold(promise);
    const waiting = people(["U1"], { patienceMs: 5_000 });
    await nextTurn();
    await clock.advance(5_000);
    expect((await waiting).shown).toEqual([undefined]);
    expect(clock.pending).toBe(0);
    resolve();
    expect((await people(["U1"])).shown).toEqual(["name of U1"]);
  });

  test("end with the reason of an abort, and continue for other callers", async () => {
    const { people, hold } = open();
    const { promise, resolve } = Promise.withResolvers<void>();
    hold(promise);
    const abort = new AbortController();
    const aborted = people(["U1"], { signal: abort.signal });
    const other = people(["U1"]);
    abort.abort(new Error("stop"));
    await expect(aborted).rejects.toThrow("stop");
    resolve();
    expect((await other).shown).toEqual(["name of U1"]);
  });
});

test("of a refusal and an outage of two kinds the outage is reported, for it can be waited for", async () => {
  for (const [room, person] of [
    [forbidden, down],
    [down, forbidden],
  ]) {
    const { directory } = open({ fail: (id) => (id === "R1" ? room : person) });
    const uses = (known: Names<Known>) => [known.room("R1"), known.person("U1")].length > 0;
    const { error } = await directory.namesFor({ uses, most: 50, signal: new AbortController().signal });
    expect(error).toBe(down);
  }
});

test("requests note what is unknown, each once, and pass on what is known", () => {
  const known: Names<Known> = {
    room: () => undefined,
    person: (id) => (id === "U1" ? "Ann" : undefined),
  };
  const { names, ids } = new NameRequests(known, 2);
  expect(["U1", "U2", "U2", "U3", "U4"].map((id) => names.person(id))).toEqual([
    "Ann",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(ids).toEqual({ room: new Set(), person: new Set(["U2", "U3"]) });
});
