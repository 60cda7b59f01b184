import { describe, expect, test } from "vitest";
import { chooseEntry, entryNamesOf, formatEntryName, parseEntryName, parseTypedEntry } from "../src/entry-name.ts";

const entry = (name: string) => {
  const parsed = parseEntryName(name);
  if (parsed === undefined) throw new Error(`${name} is no name`);
  return parsed;
};
const known = ["pull:github/main", "push:github/main", "pull:slack/team"].map(entry);
const choose = (text: string) => formatEntryName(chooseEntry(parseTypedEntry(text)!, known));

describe("an entry is named", () => {
  test.each([
    ["slack/team", "pull:slack/team"],
    ["pull:slack/team", "pull:slack/team"],
    ["push:github/main", "push:github/main"],
  ])("%s", (typed, chosen) => {
    expect(choose(typed)).toBe(chosen);
  });

  test.each([
    ["github/main", "RUNNER_ENTRY_AMBIGUOUS", "name pull:github/main or push:github/main"],
    ["slack/taem", "RUNNER_ENTRY_UNKNOWN", "did you mean slack/team?"],
    ["push:slack/team", "RUNNER_ENTRY_UNKNOWN", "did you mean pull:slack/team?"],
    ["push:notes/x", "RUNNER_ENTRY_UNKNOWN", "name one of github/main"],
    ["notes/x", "RUNNER_ENTRY_UNKNOWN", "name one of github/main, slack/team"],
  ])("%s, which is refused with %s", (typed, code, hint) => {
    expect(() => choose(typed)).toThrow(expect.objectContaining({ code, hint }));
  });

  test.each(["", "github", "pull:", "pull:github", "sync:github/main", "github/main/x", "pull:pull:github/main", "a/b\n"])(
    "%j, which is no name",
    (text) => {
      expect(parseTypedEntry(text)).toBeUndefined();
    },
  );
});

test("the entries of a configuration are its pulls and its pushes", () => {
  const [pull, push] = [entry("pull:github/main"), entry("push:github/main")];
  const fields = { options: {}, dryRun: false, catchUp: "once" as const };
  const schedule = { text: "every 1h", intervalMs: 1, nextAfterMs: () => undefined, latestAtOrBeforeMs: () => undefined };
  const config = { pull: [{ ...pull.source, ...fields, schedule }], push: [{ ...push.source, options: {} }] };
  expect(entryNamesOf(config)).toEqual([pull, push]);
});
