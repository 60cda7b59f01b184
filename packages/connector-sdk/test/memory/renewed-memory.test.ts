import { expect, test } from "vitest";
import { renewedMemory } from "../../src/memory/renewed-memory.ts";

const opening =
  "ines opened issue acme/widgets#7: Exports hang in the morning\nSince the upgrade every export of more than ten pages hangs.";

test("the state stands behind the first line, and the rest stays as it is", () => {
  expect(renewedMemory(opening, "closed on 2025-03-05")).toEqual([
    {
      kind: "episode_summary",
      text: "ines opened issue acme/widgets#7: Exports hang in the morning (closed on 2025-03-05)\nSince the upgrade every export of more than ten pages hangs.",
    },
  ]);
});

test("of several states the first is taken that leaves four fifths of the words those of the beginning", () => {
  const long = "closed as not planned on 2025-03-05 by tomasz because nobody could ever reproduce it";
  expect(renewedMemory(opening, long, "closed by tomasz")?.[0]?.text).toContain("(closed by tomasz)");
});

test("a beginning of few words is not renewed", () => {
  expect(renewedMemory("ines opened #7: Exports hang", "closed on 2025-03-05 by tomasz")).toBeUndefined();
});

test("only what Statewave keeps of the beginning is repeated", () => {
  const long = `${opening} ${Array.from({ length: 300 }, (_, at) => `word${at}`).join(" ")}`;
  expect(renewedMemory(long, "closed")?.[0]?.text.length).toBe(500 + " (closed)".length);
});
