import { expect, test } from "vitest";
import { PagesAccount } from "../../src/pages/pages-account.ts";
import { readPage } from "../../src/pages/read-page.ts";
import { numberedEpisode } from "../pull/pull-fixture.ts";

const reading = { source: { kind: "demo", name: "numbers" }, direction: "pull", subject: undefined } as const;
const page = readPage(
  {
    episodes: [numberedEpisode(1), numberedEpisode(2), null],
    failures: [{ id: "x", error: "odd" }],
    skipped: { bot: 2, too_large: 1 },
  },
  reading,
);

test("what was fetched was mapped, skipped or failed, and what was mapped was delivered or buried", () => {
  const account = new PagesAccount();
  account.add(page, { delivered: 1, buried: 1, failed: 2 }, reading);
  account.add(page, { delivered: 2, buried: 0, failed: 2 }, reading);
  expect(account.report(true)).toEqual({
    fetched: 14,
    episodes: 4,
    delivered: 3,
    buried: 1,
    skipped: 6,
    skippedReasons: { bot: 4, too_large: 2 },
    failed: 4,
    exhausted: true,
  });
});

test.each([
  [{ delivered: 1, buried: 0, failed: 2 }, "of 2 episodes 1 were delivered and 0 buried"],
  [{ delivered: 2, buried: 1, failed: 2 }, "of 2 episodes 2 were delivered and 1 buried"],
  [{ delivered: 2, buried: 0, failed: 1 }, "of 7 items 2 were mapped, 3 skipped and 1 kept as failed"],
  [{ delivered: 0, buried: 0, withheld: 1, failed: 2 }, "of 2 episodes 0 were delivered and 0 buried"],
])("a page of which something is missing does not balance: %o", (outcome, message) => {
  expect(() => new PagesAccount().add(page, outcome, reading)).toThrow(
    expect.objectContaining({ code: "PULL_ACCOUNT_WRONG", message: expect.stringContaining(message) }),
  );
});

test("of a webhook, whose event is a dead letter then, the hint says how it gets out", () => {
  expect(() => new PagesAccount().add(page, { delivered: 1, buried: 0, failed: 2 }, { ...reading, direction: "push" })).toThrow(
    expect.objectContaining({ code: "PUSH_ACCOUNT_WRONG", hint: "report this with the log, then retry the dead letter" }),
  );
});
