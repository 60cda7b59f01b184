import { describe, expect, test } from "vitest";
import { loadText, problemsOf } from "./load-text.ts";

const server = '[statewave]\nurl = "https://memory.example"\n';
const load = (keys: string, sink = server) => loadText(`${sink}[statewave.compile]\n${keys}`);
const compileOf = async (...given: Parameters<typeof load>) => (await load(...given)).config.statewave.compile;

describe("[statewave.compile]", () => {
  test.each([
    ['mode = "after"', { quietMs: 60_000, atMostMs: 600_000 }],
    ['mode = "after"\nquiet = "5s"\nat_most = "5s"', { quietMs: 5_000, atMostMs: 5_000 }],
    ['mode = "off"\nquiet = "5s"', undefined],
    ['quiet = "5s"', undefined],
  ])("%j", async (keys, expected) => {
    expect(await compileOf(keys)).toEqual(expected);
  });

  test.each([
    ['mode = "always"', "statewave.compile.mode", "after"],
    ['mode = "after"\nquiet = "11m"', "statewave.compile.at_most", "must not be shorter than `quiet`"],
    ['quiet = "500ms"', "statewave.compile.quiet", "at least 1s"],
    ["every = 3", "statewave.compile.every", "unknown key"],
  ])("%j is refused", async (keys, path, message) => {
    expect(await problemsOf(load(keys))).toMatchObject([{ path, message: expect.stringContaining(message) }]);
  });

  test.each(['[statewave]\nurl = "file:./out.jsonl"\n', '[statewave]\nurl = "stdout:"\n'])(
    "compiles only on a Statewave server: %j",
    async (sink) => {
      expect(await problemsOf(load('mode = "after"', sink))).toMatchObject([
        { path: "statewave.compile.mode", message: expect.stringContaining("names no Statewave server") },
      ]);
      expect(await compileOf('mode = "off"', sink)).toBeUndefined();
    },
  );
});
