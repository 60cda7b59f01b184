import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { collectErrorTexts } from "./collect-error-texts.ts";
import { faultOf } from "./form-of-error-text.ts";

const packages = fileURLToPath(new URL("../../../../packages/", import.meta.url));

/** Texts that users' own tests compare word for word. */
const published = new Set([
  "The options of the … cannot be used: ….",
  "Its options are ….",
  "Name a file, not a folder.",
  "Let its owner run: …",
]);

function readSources(): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const name of readdirSync(packages)) {
    // Its errors are those of test doubles.
    if (name === "testing") continue;
    const folder = join(packages, name, "src");
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (file.endsWith(".ts")) sources.set(join(name, "src", file), readFileSync(join(folder, file), "utf8"));
    }
  }
  return sources;
}

function faultsIn(sources: ReadonlyMap<string, string>): readonly string[] {
  return [...collectErrorTexts(sources)].flatMap(([path, texts]) =>
    texts.flatMap((found) => {
      const fault = published.has(found.text) ? undefined : faultOf(found);
      return fault === undefined ? [] : [`${path}:${found.line} ${found.role} ${fault}: ${found.text}`];
    }),
  );
}

test("every hint says what to do and promises nothing, every message reports in lower case without a full stop", () => {
  expect(faultsIn(readSources())).toEqual([]);
});

test("the texts of every package that has errors are read", () => {
  const texts = [...collectErrorTexts(readSources())].flatMap(([path, found]) => found.map((text) => ({ path, ...text })));
  expect(texts.filter(({ role }) => role === "hint").length).toBeGreaterThan(200);
  expect(texts.filter(({ role }) => role === "message").length).toBeGreaterThan(150);
  const withHints = new Set(texts.filter(({ role }) => role === "hint").map(({ path }) => path.split("/", 1)[0]));
  expect([...withHints]).toEqual(
    expect.arrayContaining(["cli", "config", "inbox-file", "postgres-client", "redis-client", "runner"]),
  );
});

describe("a planted text is found", () => {
  test.each([
    [
      "{ code: 'A', message: 'x', hint: 'It is tried again by itself. See whether the server runs.' }",
      "hint ends with a full stop",
    ],
    ["{ code: 'A', hint: 'check the server; it is tried again' }", 'hint promises "tried again"'],
    ["{ code: 'A', hint: 'report this, so that it is read again' }", 'hint promises "read again"'],
    ["{ code: 'A', hint: 'discard it: it comes again' }", 'hint promises "comes again"'],
    ["{ code: 'A', hint: 'look at the other one: it continues' }", 'hint promises "continues"'],
    ["{ code: 'A', hint: 'free space; the runner goes on' }", 'hint promises "goes on"'],
    ["{ code: 'A', hint: 'wait: this is done automatically' }", 'hint promises "automatically"'],
    ["{ code: 'A', hint: 'wait, the event will be retried' }", 'hint promises "will be retried"'],
    ["{ code: 'A', hint: 'check the path. Name another' }", "hint is more than one sentence"],
    ["{ code: 'A', hint: 'check the path.' }", "hint ends with a full stop"],
    ["{ code: 'A', hint: 'Check the path' }", "hint begins with a capital"],
    ["{ code: 'A', hint: 'the server has a problem' }", 'hint begins with "the" and not with what to do'],
    ["{ code: 'A', message: 'The store is closed' }", "message begins with a capital"],
    ["{ code: 'A', message: `no ${file}.` }", "message ends with a full stop"],
    ["{ code: 'A', hint: isFull ? 'free space' : 'It frees itself' }", "hint begins with a capital"],
    ["{ code: 'A', hint: 'check ' + where + ', it is tried again' }", 'hint promises "tried again"'],
    ["{ code: 'A', ...(known && { hint: 'see above.' }) }", "hint ends with a full stop"],
  ])("%s", (expression, fault) => {
    const [found, ...others] = faultsIn(new Map([["planted.ts", `export const error = ${expression};`]]));
    expect(found).toContain(`planted.ts:1 ${fault}`);
    expect(others).toEqual([]);
  });

  test.each([
    "const hints = { ENOSPC: 'Free some space.' };",
    "function hintFor(code: number): string { if (code === 1) { return 'Free some space.'; } return 'free space'; }",
    "function fail(message: string, hint: string): void {} fail('no space', 'Free some space.');",
    "class Problems { add(at: string[], message: string, hint?: string) {} } problems.add([], 'no space', 'Free some space.');",
  ])("where it is not a property of an error: %s", (code) => {
    expect(faultsIn(new Map([["planted.ts", code]]))).toHaveLength(1);
  });
});
