import { describe, expect, test } from "vitest";
import * as v from "valibot";
import {
  allowedHosts,
  baseUrl,
  chosenStreams,
  duration,
  firstSyncSinceMs,
  oneOrMany,
  sinceDefault,
  size,
  streamList,
} from "../../src/options/index.ts";
import { describeOptions } from "../../src/schema/index.ts";

const wordsOf = (schema: v.GenericSchema<unknown, unknown>, value: unknown) =>
  v
    .safeParse(schema, value)
    .issues?.map((issue) => issue.message)
    .join() ?? "";

describe("base_url", () => {
  const schema = baseUrl({ example: "https://api.example.com" });

  test.each([
    ["https://api.example.com", "https://api.example.com"],
    ["https://API.example.com/v3//", "https://api.example.com/v3"],
    ["http://localhost:8080/", "http://localhost:8080"],
    ["https://api.example.com:443/a b".replace(" ", "%20"), "https://api.example.com/a%20b"],
    ["https://bücher.example/", "https://xn--bcher-kva.example"],
    [" https://api.example.com\n", "https://api.example.com"],
    ["https://[::1]:3000/api", "https://[::1]:3000/api"],
  ])("%j is used as %s", (given, used) => {
    expect(v.parse(schema, given)).toBe(used);
  });

  test.each([
    "",
    "api.example.com",
    "ftp://api.example.com",
    "https:api.example.com",
    "https://",
    "https://user:password@api.example.com",
    "https://user@api.example.com",
    "https://@api.example.com",
    "https://api.example.com?",
    "https://api.example.com?key=1",
    "https://api.example.com/#",
    "https://api.example.com\\@evil.example",
    "https://api.exa\nmple.com",
    "https://api.example.com/a b",
    7,
  ])("%j is refused with an example", (given) => {
    expect(wordsOf(schema, given)).toBe(
      'base_url is an http or https URL without user, query or fragment, e.g. "https://api.example.com"',
    );
  });
});

describe("allowed_hosts", () => {
  test.each([
    ["github.example.com", ["github.example.com"]],
    [" GitHub.Example.com ", ["github.example.com"]],
    [
      ["a.example:8443", "a.example:80", "b.example:443", "[::1]:3000", "bücher.example", "a.example:8443"],
      ["a.example:8443", "a.example:80", "b.example:443", "[::1]:3000", "xn--bcher-kva.example"],
    ],
  ])("%j is used as %j", (given, used) => {
    expect(v.parse(allowedHosts(), given)).toEqual(used);
  });

  test.each(["", [], "https://a.example", "a.example/x", "user@a.example", "a b", "a.example:99999", 7, [7]])(
    "%j is refused with an example",
    (given) => {
      expect(wordsOf(allowedHosts(), given)).toContain('such as ["github.example.com"]');
    },
  );
});

describe("a duration", () => {
  test.each([
    ["25s", 25_000],
    ["500ms", 500],
    ["366d", 31_622_400_000],
  ])("%j is %d ms", (given, ms) => {
    expect(v.parse(duration(), given)).toBe(ms);
  });

  test.each([
    ["0s", {}, "longer than nothing"],
    ["367d", {}, "at most a year"],
    ["5", {}, '"5m"'],
    ["59s", { leastMs: 60_000 }, "at least 1m and at most a year"],
    ["2h", { mostMs: 5_400_000 }, "at most 90m"],
    [5, {}, "string"],
  ])("%j is refused within its bounds", (given, bounds, words) => {
    expect(wordsOf(duration(bounds), given)).toContain(words);
  });

  test("of nothing is allowed where that is said", () => {
    expect(v.parse(duration({ leastMs: 0 }), "0s")).toBe(0);
  });
});

describe("a size", () => {
  test.each([
    ["1MiB", 1_048_576],
    ["25MB", 25_000_000],
    [512, 512],
  ])("%j is %d bytes", (given, bytes) => {
    expect(v.parse(size(), given)).toBe(bytes);
  });

  test.each([
    ["0B", {}, "at least one byte"],
    ["2GiB", {}, "at most 1GiB"],
    [1.5, {}, "expected a size"],
    ["1KiB", { leastBytes: 4096, mostBytes: 25_000_000 }, "at least 4KiB and at most 25MB"],
  ])("%j is refused within its bounds", (given, bounds, words) => {
    expect(wordsOf(size(bounds), given)).toContain(words);
  });
});

describe("since_default", () => {
  const nowMs = Date.UTC(2026, 0, 31);

  test.each([
    ["30d", Date.UTC(2026, 0, 1)],
    ["2024-01-31T09:00:00+02:00", Date.UTC(2024, 0, 31, 7)],
    [new Date("2024-01-31"), Date.UTC(2024, 0, 31)],
  ])("%j becomes a moment", (given, ms) => {
    expect(firstSyncSinceMs(v.parse(sinceDefault(), given), nowMs)).toBe(ms);
  });

  test.each(["yesterday", "2025-02-30", 30, ""])("%j is refused with examples", (given) => {
    expect(wordsOf(sinceDefault(), given)).toContain('an age ("90d"');
  });
});

describe("one value or many", () => {
  const schema = oneOrMany(v.pipe(v.string(), v.regex(/^[a-z]+$/, "expected letters")), {
    message: 'expected a name such as "general", or a list of names',
    type: "name or list of names",
    mostItems: 3,
  });

  test.each([
    ["general", ["general"]],
    [
      ["b", "a", "b"],
      ["b", "a"],
    ],
  ])("%j becomes a list without repeats", (given, list) => {
    expect(v.parse(schema, given)).toEqual(list);
  });

  test.each([
    [[], "a list of names"],
    [["a", "b", "c", "d"], "a list of names"],
    [7, "a list of names"],
    ["A1", "expected letters"],
    [["a", "B"], "expected letters"],
  ])("%j is refused", (given, words) => {
    expect(wordsOf(schema, given)).toContain(words);
  });
});

describe("streams", () => {
  const names = ["tickets", "comments", "users"] as const;

  test("are chosen by include and exclude, in their own order", () => {
    expect([...chosenStreams(names, {})]).toEqual(["tickets", "comments", "users"]);
    expect([...chosenStreams(names, { include: ["users", "tickets"], exclude: ["tickets"] })]).toEqual(["users"]);
    expect(chosenStreams(names, { exclude: names }).size).toBe(0);
  });

  test("are written with their own words only", () => {
    expect(v.parse(streamList(names), ["users", "users"])).toEqual(["users"]);
    expect(wordsOf(streamList(names), ["user"])).toContain("users");
  });
});

test("the pieces name their types on the reference page", () => {
  const schema = v.object({
    base_url: v.optional(baseUrl({ example: "https://a.example" }), "https://a.example"),
    since_default: v.optional(sinceDefault()),
    wait: v.optional(duration(), "5m"),
    limit: size(),
    include: v.optional(streamList(["a"])),
  });
  expect(describeOptions(schema).map(({ key, type, defaultText }) => [key, type, defaultText])).toEqual([
    ["base_url", "URL", '"https://a.example"'],
    ["since_default", "date or age", undefined],
    ["wait", "duration", '"5m"'],
    ["limit", "size", undefined],
    ["include", "list of words", undefined],
  ]);
});
