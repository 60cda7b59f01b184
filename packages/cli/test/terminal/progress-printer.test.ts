import { expect, test } from "vitest";
import { progressPrinter } from "../../src/terminal/progress-printer.ts";

const source = { kind: "github", name: "widgets" };
const progress = { pages: 2, episodes: 200, delivered: 150, skipped: 0 };

test("a person at a terminal sees how far a sync has come, every two seconds", () => {
  const printed: string[] = [];
  let nowMs = 0;
  const print = progressPrinter({ stderr: { write: (text) => printed.push(text), isTTY: true } }, source, () => nowMs);
  print?.(progress);
  nowMs = 2_000;
  print?.(progress);
  print?.(progress);
  expect(printed).toEqual(["github/widgets: 200 episodes read on 2 pages, 150 delivered\n"]);
});

test("a pipe gets no progress", () => {
  expect(progressPrinter({ stderr: { write: () => undefined } }, source, () => 0)).toBeUndefined();
});
