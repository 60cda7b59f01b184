import { describe, expect, test } from "vitest";
import { readPage } from "../../src/pages/read-page.ts";
import { numberedEpisode } from "../pull/pull-fixture.ts";

const reading = { source: { kind: "demo", name: "numbers" }, direction: "pull", subject: undefined } as const;
const read = (page: unknown, subject?: string) => readPage(page, { ...reading, subject });

describe("a page that is none", () => {
  const getter = {
    get episodes(): never {
      throw new Error("no");
    },
  };
  test.each([
    [undefined, "it is undefined"],
    [null, "it is null"],
    ["episodes", "it is a string"],
    [{}, "its episodes are undefined"],
    [{ episodes: {} }, "its episodes are an object"],
    [{ episodes: new Set() }, "its episodes are an object"],
    [getter, "it cannot be read: Error: no"],
    [{ episodes: [], cursor: null }, "its cursor is null"],
    [{ episodes: [], cursor: 7 }, "its cursor is 7"],
    [{ episodes: [], cursor: { page: 2 } }, "its cursor is an object"],
    [{ episodes: [], cursor: "é".repeat(600_000) }, "its cursor has 1200000 bytes, at most 1048576 are stored"],
    [{ episodes: [], failures: {} }, "its failures are an object"],
    [{ episodes: [], skipped: [3] }, "its skipped items are a list"],
    [{ episodes: [], skipped: "3" }, "its skipped items are a string"],
    [{ episodes: [], skipped: { bot: "3" } }, "the number of items skipped as bot is a string"],
    [{ episodes: [], skipped: { bot: Number.NaN } }, "the number of items skipped as bot is NaN"],
    [{ episodes: [], skipped: { bot: -1 } }, "the number of items skipped as bot is -1"],
    [{ episodes: [], skipped: { bot: 0.5 } }, "the number of items skipped as bot is 0.5"],
  ])("%# is refused with what is wrong with it", (page, fault) => {
    expect(() => read(page)).toThrow(
      expect.objectContaining({
        code: "PULL_PAGE_INVALID",
        message: `the connector of demo/numbers yielded something that is not a page: ${fault}`,
        hint: expect.stringContaining("connector"),
        retryable: false,
      }),
    );
  });

  test("of a receiver is refused as its own", () => {
    expect(() => readPage(undefined, { ...reading, direction: "push" })).toThrow(
      expect.objectContaining({ code: "PUSH_PAGE_INVALID" }),
    );
  });
});

test("a page counts what was skipped when it was yielded, also where its connector counts on in the same object", () => {
  const skipped = { bot: 2 };
  const page = read({ episodes: [numberedEpisode(1)], skipped });
  skipped.bot = 3;
  expect(page).toMatchObject({ fetched: 3, skipped: { bot: 2 } });
});

describe("what stands in the place of an episode", () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const unreadable = {
    get subject(): never {
      throw new Error("no");
    },
  };
  test.each([
    null,
    undefined,
    "text",
    5,
    [],
    {},
    { subject: "x" },
    { ...numberedEpisode(1), idempotency_key: 7 },
    cyclic,
    unreadable,
  ])("%# fails for itself, and the episodes beside it pass", (stranger) => {
    const page = read({ episodes: [numberedEpisode(1), stranger, numberedEpisode(2)], cursor: "2" });
    expect(page.episodes.map(({ text }) => text)).toEqual(["number 1", "number 2"]);
    expect(page.failures).toMatchObject([{ id: expect.stringMatching(/^unnamed-[0-9a-f]{16}$/) }]);
    expect(page).toMatchObject({ fetched: 3, cursor: "2" });
  });

  test("fails once for each, also when two are equal, and under the same id when it is read again", () => {
    const page = { episodes: [{ text: "a" }, { text: "b" }, null, null, numberedEpisode(1)] };
    const ids = read(page).failures.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    expect(read(page).failures.map(({ id }) => id)).toEqual(ids);
  });

  test("is kept to be seen", () => {
    expect(read({ episodes: [null, { text: "a" }] }).failures).toMatchObject([{ yielded: null }, { yielded: { text: "a" } }]);
  });

  test("is an episode when the entry gives it the subject that it lacks", () => {
    const { subject: _, ...rest } = numberedEpisode(1);
    expect(read({ episodes: [rest] }, "team:a").episodes).toMatchObject([{ subject: "team:a", text: "number 1" }]);
    expect(read({ episodes: [null] }, "team:a")).toMatchObject({ episodes: [], failures: [{ yielded: null }] });
  });
});

describe("a failed item", () => {
  test("keeps its id, its reason and its raw form", () => {
    const error = new TypeError("cannot read properties of null");
    const { failures, fetched } = read({ episodes: [], failures: [{ id: "acme/widgets#1", error, raw: { n: 1 } }] });
    expect(failures).toEqual([{ id: "acme/widgets#1", reason: "TypeError: cannot read properties of null", raw: { n: 1 } }]);
    expect(fetched).toBe(1);
  });

  test("is kept without its raw form when that is over 256 KiB, never cut", () => {
    const failed = (raw: string) => read({ episodes: [], failures: [{ id: "1", error: "no", raw }] }).failures[0];
    const fits = "x".repeat(256 * 1024 - 2);
    expect(failed(fits)?.raw).toBe(fits);
    expect(failed(`${fits}x`)).toEqual({ id: "1", reason: "no" });
    expect(failed("é".repeat(200_000))).toEqual({ id: "1", reason: "no" });
  });

  test.each([[{ big: 1n }], [() => 1]])("is kept without a raw form that is no JSON: %#", (raw) => {
    expect(read({ episodes: [], failures: [{ id: "1", error: "no", raw }] }).failures).toEqual([{ id: "1", reason: "no" }]);
  });

  test.each([
    [42, "42"],
    [42n, "42"],
  ])("with the number %o for an id has it as text", (id, text) => {
    expect(read({ episodes: [], failures: [{ id, error: "no" }] }).failures).toMatchObject([{ id: text }]);
  });

  test.each(["", undefined, "x".repeat(513), {}])("with %o for an id is distinguished from others all the same", (id) => {
    const failures = [1, 2].map((n) => ({ id, error: "no", raw: { n } }));
    const ids = read({ episodes: [], failures }).failures.map((failure) => failure.id);
    expect(ids).toEqual([expect.stringMatching(/^unnamed-/), expect.stringMatching(/^unnamed-/)]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test.each([null, "text", 7, undefined])("that is %o is one all the same", (stranger) => {
    const { failures, fetched } = read({ episodes: [numberedEpisode(1)], failures: [stranger] });
    expect([failures.length, fetched]).toEqual([1, 2]);
  });

  test("has a reason of at most 2,000 characters", () => {
    const { failures } = read({ episodes: [], failures: [{ id: "1", error: new Error("x".repeat(5_000)) }] });
    expect(failures[0]?.reason).toHaveLength(2_000);
  });
});
