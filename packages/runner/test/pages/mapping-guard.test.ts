import { describe, expect, test } from "vitest";
import { MappingGuard } from "../../src/pages/mapping-guard.ts";
import { readPage } from "../../src/pages/read-page.ts";
import { numberedEpisode } from "../pull/pull-fixture.ts";

const source = { kind: "demo", name: "numbers" };

/** A page of so many mapped, failed and skipped items. */
function page(mapped: number, failed: number, skipped = 0) {
  const failures = Array.from({ length: failed }, (_, n) => ({ id: `item ${n}`, error: new Error("no such field") }));
  const episodes = Array.from({ length: mapped }, (_, n) => numberedEpisode(n));
  return readPage({ episodes, failures, skipped: { bot: skipped } }, { source, direction: "pull", subject: undefined });
}

/** With the first three items of a page, and how many more there are. */
function broken(what: string, failed: number) {
  const named = Array.from({ length: Math.min(3, failed) }, (_, n) => `item ${n} (Error: no such field)`).join(", ");
  const more = failed > 3 ? ` and ${failed - 3} more on this page` : "";
  const message = `demo/numbers: ${what} cannot be mapped: ${named}${more}`;
  return expect.objectContaining({ code: "PULL_MAPPING_BROKEN", message, retryable: false });
}

describe("a page", () => {
  test.each([
    [9, 11, 0],
    [0, 20, 0],
    [0, 11, 9],
    [5, 60, 20],
  ])("of %i mapped, %i failed and %i skipped items shows a broken mapping", (mapped, failed, skipped) => {
    const guard = new MappingGuard({ source, direction: "pull" });
    const what = `${failed} of ${mapped + failed + skipped} items of a page`;
    expect(() => guard.check(page(mapped, failed, skipped))).toThrow(broken(what, failed));
    expect(guard.notKept).toBe(failed);
  });

  test.each([
    [10, 10, 0],
    [0, 19, 0],
    [0, 10, 10],
    [100, 99, 0],
  ])("of %i mapped, %i failed and %i skipped items does not", (mapped, failed, skipped) => {
    const guard = new MappingGuard({ source, direction: "pull" });
    expect(() => guard.check(page(mapped, failed, skipped))).not.toThrow();
  });

  test("of an event shows it as the receiver's", () => {
    const guard = new MappingGuard({ source, direction: "push" });
    expect(() => guard.check(page(0, 20))).toThrow(expect.objectContaining({ code: "PUSH_MAPPING_BROKEN" }));
  });
});

describe("small pages", () => {
  test("show a broken mapping when 100 items in a row failed", () => {
    const guard = new MappingGuard({ source, direction: "pull" });
    for (let count = 10; count < 100; count += 10) guard.check(page(0, 10));
    expect(() => guard.check(page(0, 10))).toThrow(broken("100 items in a row", 10));
    expect(guard.notKept).toBe(10);
  });

  test("are named with ids and reasons that are cut", () => {
    const guard = new MappingGuard({ source, direction: "push" });
    const failures = Array.from({ length: 20 }, (_, n) => ({
      id: `${n}${"i".repeat(500)}`,
      error: new Error("r".repeat(5_000)),
    }));
    const long = readPage({ episodes: [], failures }, { source, direction: "push", subject: undefined });
    expect(() => guard.check(long)).toThrow(/^.{200,1000}$/u);
  });

  test("show none while one of their items is mapped now and then", () => {
    const guard = new MappingGuard({ source, direction: "pull" });
    const round = [...Array.from({ length: 9 }, () => page(0, 10)), page(1, 0)];
    const rounds = Array.from({ length: 50 }, () => round).flat();
    expect(() => rounds.forEach((each) => guard.check(each))).not.toThrow();
  });

  test("end a run at once that follows one which ended here, until an item is mapped", () => {
    const suspicious = () => new MappingGuard({ source, direction: "pull" }, true);
    const what = "all items so far (1), as in the run before,";
    expect(() => suspicious().check(page(0, 1))).toThrow(broken(what, 1));
    const mended = suspicious();
    mended.check(page(0, 0, 3));
    mended.check(page(1, 1));
    mended.check(page(0, 19));
  });
});
