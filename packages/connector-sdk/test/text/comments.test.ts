import { expect, test } from "vitest";
import { CommentReader } from "../../src/text/markdown/comments.ts";

/** Minutes pass where each of so many comments is looked for up to the end of the line. */
const many = 2_000_000;

test.each([
  ["comments", "x <!---->"],
  ["code and comments", "`<!--` <!---->"],
])("a line of very many %s is read in one pass", { timeout: 60_000 }, (_, part) => {
  const { visible, isOpen } = new CommentReader([part.repeat(many)]).read(0, false);
  expect(isOpen).toBe(false);
  expect(visible.length).toBe(part.replace("<!---->", "").length * many);
});
