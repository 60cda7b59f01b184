import { maxCursorBytes } from "@statewave-connectors/connector-sdk/host";
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

  it("keep identity and sections of a moved document, also after a cursor was written and read", () => {
    const known = parseCursor(undefined);
    known.update("a.md", "aaaa1", "print");
    known.setSections("a.md", { marks: "12345678", names: "steps going-back", past: "" });
    known.move("a.md", "b.md", "print");
    const again = parseCursor(formatCursor(known));
    expect([...again.entries()]).toEqual([...known.entries()]);
    expect(again.update("b.md", "aaaa2", "print").change).toMatchObject({
      identity: "a.md",
      sections: { marks: "12345678", names: "steps going-back" },
    });
    expect(again.update("a.md", "aaaa1", "print").change).toMatchObject({ identity: "a.md@1", repetition: "2" });
  });

  it("are written without the names of their sections when these find no room", () => {
    const known = parseCursor(undefined);
    const names = Array.from({ length: 40 }, (_, n) => `section-of-the-handbook-${n}`).join(" ");
    for (let n = 0; n < 1_000; n += 1) {
      known.update(`${n}.md`, `hash${n}`, "print");
      known.setSections(`${n}.md`, { marks: "12345678".repeat(40), names, past: "" });
    }
    const cursor = formatCursor(known);
    expect(cursor.length).toBeLessThan(maxCursorBytes);
    const { change } = parseCursor(cursor).update("0.md", "other", "print");
    expect(change?.sections).toEqual({ marks: "12345678".repeat(40), names: "", past: "" });
  });

  it("count a document that came back as there", () => {
    const known = parseCursor(undefined);
    known.update("a.md", "aaaa", "print");
    known.delete("a.md");
    expect(known.pathsBeyond(new Set())).toEqual([]);
    expect(known.update("a.md", "aaaa", "print").change).toMatchObject({ repetition: "2" });
    expect(known.pathsBeyond(new Set())).toEqual(["a.md"]);
  });
});
