import { expect, test } from "vitest";
import { CommentReader } from "../../src/text/markdown/comments.ts";

test.each([
  ["comments", "x <!---->"],
  ["code and comments", "`<!--` <!---->"],
])("a line of very many %s is read in one pass", (_, part) => {
  const { visible, isOpen } = new CommentReader([part.repeat(400_000)]).read(0, false);
  expect(isOpen).toBe(false);
  expect(visible.length).toBe(part.replace("<!---->", "").length * 400_000);
});
