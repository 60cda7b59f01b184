import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as sdk from "../../src/index.ts";

test("the main export fits on a screen: at most 12 values and 25 types", () => {
  const values = Object.keys(sdk);
  const source = readFileSync(new URL("../../src/index.ts", import.meta.url), "utf8");
  const names = [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = ""]) => list.split(","));
  const types = names.filter((name) => name.trim() !== "").length - values.length;
  expect(values.length).toBeLessThanOrEqual(12);
  expect(types).toBeLessThanOrEqual(25);
});
