import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { describe, expect, it } from "vitest";

/** One committed line: what went in, and the identity of the episode that came out. */
export interface GoldenKey {
  readonly input: string;
  readonly kind: string;
  readonly subject: string;
  readonly idempotency_key: string;
}

/** A connector whose idempotency keys are held by a committed file. */
export interface GoldenKeysSubject {
  /** The JSON file, usually `new URL("fixtures/golden-keys.json", import.meta.url)`. */
  readonly file: URL;
  /** Every kind that the connector documents. Each must have a line. */
  readonly kinds: readonly string[];
  /** Maps every input through the connector's public functions. Names of inputs are stable and mean the same input forever. */
  readonly make: () => Promise<ReadonlyMap<string, readonly Episode[]>>;
}

/**
 * Holds idempotency keys: an episode that was stored under one key must never come again under another. `GOLDEN_KEYS=add` adds lines
 * for inputs and kinds that the file does not know; no command changes a line that is there.
 */
export function describeGoldenKeys({ file, kinds, make }: GoldenKeysSubject): void {
  const isAdding = process.env["GOLDEN_KEYS"] === "add";
  const isReleased = existsSync(file) || isAdding;
  const title = `golden idempotency keys${isReleased ? "" : " (skipped: none are committed, GOLDEN_KEYS=add writes them)"}`;
  describe.skipIf(!isReleased)(title, () => {
    it("are still those of the committed file", async () => {
      const lines = linesOf(await make());
      const golden = isAdding ? addKeys(file, lines) : readKeys(file);
      const made = new Map(lines.map((line) => [placeOf(line), line]));
      expect(golden.map((line) => made.get(placeOf(line)) ?? `${placeOf(line)} is no longer made`)).toEqual(golden);
    });

    it("include every documented kind", () => {
      const held = new Set(readKeys(file).map((line) => line.kind));
      expect([...held].toSorted()).toEqual([...new Set(kinds)].toSorted());
    });
  });
}

function linesOf(made: ReadonlyMap<string, readonly Episode[]>): readonly GoldenKey[] {
  return [...made].flatMap(([input, episodes]) =>
    episodes.map(({ kind, subject, idempotency_key }) => ({ input, kind, subject, idempotency_key })),
  );
}

/** An input makes at most one episode of a kind. */
function placeOf({ input, kind }: GoldenKey): string {
  return `${kind} of ${input}`;
}

function readKeys(file: URL): readonly GoldenKey[] {
  return JSON.parse(readFileSync(file, "utf8")) as readonly GoldenKey[];
}

function addKeys(file: URL, made: readonly GoldenKey[]): readonly GoldenKey[] {
  const golden = existsSync(file) ? readKeys(file) : [];
  const known = new Set(golden.map((line) => placeOf(line)));
  const all = [...golden, ...made.filter((line) => !known.has(placeOf(line)))];
  const lines = all.map((line) => `  ${JSON.stringify(line)}`);
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(fileURLToPath(file), `[\n${lines.join(",\n")}\n]\n`);
  return all;
}
