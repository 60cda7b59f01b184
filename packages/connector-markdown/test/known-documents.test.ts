import { describe, expect, it } from "vitest";
import { formatCursor, parseCursor } from "../src/cursor.ts";

describe("known documents", () => {
  it("are the same after a cursor was written and read", () => {
    const known = parseCursor(undefined);
    known.update("__proto__", "aaaa1", "print");
    known.update("b.md", "bbbb1", "");
    known.update("b.md", "bbbb2", "print");
    known.delete("b.md");
    const again = parseCursor(formatCursor(known));
    expect([...again.entries()]).toEqual([...known.entries()]);
    expect(again.count).toBe(1);
  });

  it("include a thousand deleted ones and no more, the latest", () => {
    const known = parseCursor(undefined);
    const paths = Array.from({ length: 1020 }, (_, n) => `${n}.md`);
    known.update("kept.md", "aaaa", "print");
    for (const path of paths) known.update(path, "aaaa", "print");
    for (const path of paths) known.delete(path);
    const deleted = [...known.entries()].filter(([, { hash }]) => hash === "").map(([path]) => path);
    expect(deleted).toEqual(paths.slice(20));
    expect(known.count).toBe(1);
  });

  it("count a document that came back as there", () => {
    const known = parseCursor(undefined);
    known.update("a.md", "aaaa", "print");
    known.delete("a.md");
    expect(known.pathsBeyond(new Set())).toEqual([]);
    expect(known.update("a.md", "aaaa", "print").change).toEqual({ repetition: "2" });
    expect(known.pathsBeyond(new Set())).toEqual(["a.md"]);
  });
});
