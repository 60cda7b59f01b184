import { expect, test } from "vitest";
import { causeOf, NamedParts } from "../../src/pull/run-cause.ts";

const naming = (...parts: readonly string[]) => ({ takeParts: () => parts });

test("a run prefers the parts of every request that it answers, each once", () => {
  expect(causeOf([naming("a"), {}, naming("b", "a")])).toEqual({ parts: ["a", "b"] });
});

test("a run that no request named a part for prefers none", () => {
  expect(causeOf([{}, naming()])).toEqual({});
});

test("a run prefers none when more parts are named than it can keep", () => {
  const names = Array.from({ length: 17 }, (_, at) => `p${at}`);
  expect(causeOf(names.slice(1).map((name) => naming(name)))).toEqual({ parts: names.slice(1) });
  expect(causeOf(names.map((name) => naming(name)))).toEqual({});
});

test("named parts take no more memory, however many are named, and are taken once", () => {
  const named = new NamedParts();
  for (let at = 0; at < 100_000; at += 1) named.add(`p${at}`);
  expect(named.take().size).toBeLessThan(20);
  named.add("later");
  expect([...named.take()]).toEqual(["later"]);
});
