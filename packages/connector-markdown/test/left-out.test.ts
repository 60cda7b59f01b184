import type { Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it } from "vitest";
import { openSource, remove, tempFolder, tick, write } from "./temp-folder.ts";

const { signal } = new AbortController();
const tooLarge = "x".repeat(1024 * 1024 + 1);

/** A logger that keeps what is logged about files that are left out. */
function keepingLogger() {
  const lines: unknown[] = [];
  const keep = (level: string) => (message: string, fields?: unknown) => {
    if (message === "files are left out") lines.push([level, fields]);
  };
  const logger: Logger = { ...silentLogger, info: keep("info"), warn: keep("warn") };
  return { logger, lines };
}

describe("what is left out", () => {
  const files = {
    "a.md": "a",
    "big-1.md": tooLarge,
    "big-2.md": tooLarge,
    "sub/big-3.md": tooLarge,
    "sub/big-4.md": tooLarge,
    "a (conflicted copy).md": "copy",
  };

  it("is listed by the check with number and names", async () => {
    const folder = tempFolder(files);
    expect(await openSource(folder).check!(signal)).toEqual([
      { ok: true, message: `1 document matches in ${folder}` },
      {
        ok: true,
        message: "1 left out as sync_conflict (copies that were made because of a conflict): a (conflicted copy).md",
      },
      { ok: true, message: "4 left out as too_large (larger than 1 MiB): big-1.md, big-2.md, sub/big-3.md, and 1 more" },
    ]);
  });

  it("is listed beside a failure when nothing else matches", async () => {
    const results = await openSource(tempFolder({ "big.md": tooLarge })).check!(signal);
    expect(results).toMatchObject([{ ok: false }, { ok: true, message: expect.stringContaining("big.md") as string }]);
  });

  it("is logged with number and names by a run, and again only when it changes", async () => {
    const folder = tempFolder(files);
    const { logger, lines } = keepingLogger();
    const source = openSource(folder, {}, { logger });
    const { cursor, skipped } = await tick(source);
    expect(skipped).toEqual({ sync_conflict: 1, too_large: 4 });
    expect(lines).toEqual([
      ["info", { reason: "sync_conflict", count: 1, examples: ["a (conflicted copy).md"] }],
      ["warn", { reason: "too_large", count: 4, examples: ["big-1.md", "big-2.md", "sub/big-3.md"] }],
    ]);
    await tick(source, cursor);
    expect(lines).toHaveLength(2);
    remove(folder, "sub/big-4.md");
    await tick(source, cursor);
    expect(lines.slice(2)).toMatchObject([["warn", { reason: "too_large", count: 3 }]]);
  });

  it("is named on one line, whatever the names hold", async () => {
    const folder = tempFolder();
    write(folder, "two\nlines.md", tooLarge);
    const [, listed] = await openSource(folder).check!(signal);
    expect(listed?.message).toContain("two lines.md");
  });
});
