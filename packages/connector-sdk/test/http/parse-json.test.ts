import { expect, test } from "vitest";
import { parseJson } from "../../src/http/parse-json.ts";
import { seededRandom } from "../seeded-random.ts";

test.each([
  ["an id of 64 bits", '{"id":9007199254740993}', { id: "9007199254740993" }],
  ["a negative one", "[-9007199254740993]", ["-9007199254740993"]],
  ["one at the end of the text", "9007199254740993", "9007199254740993"],
  ["the largest exact integer", "[9007199254740991]", [9_007_199_254_740_991]],
  ["a fraction of many digits", "[0.12345678901234567]", [Number("0.12345678901234567")]],
  ["digits in a text", '["9007199254740993"]', ["9007199254740993"]],
])("keeps %s", (_, text, expected) => {
  expect(parseJson(text)).toEqual(expected);
});

test("finds an integer that no number holds wherever it stands", () => {
  const random = seededRandom();
  const pick = (count: number) => Math.floor(random() * count);
  for (let round = 0; round < 2_000; round += 1) {
    const digits = Array.from({ length: 16 + pick(5) }, () => 1 + pick(9)).join("");
    const list = Array.from({ length: pick(12) }, () => pick(10 ** (1 + pick(15))));
    const place = pick(list.length + 1);
    const text = `${" ".repeat(pick(17))}[${[...list.slice(0, place), digits, ...list.slice(place)].join(",")}]`;
    const expected = Number.isSafeInteger(Number(digits)) ? Number(digits) : digits;

    expect({ text, value: parseJson(text) }).toEqual({ text, value: [...list.slice(0, place), expected, ...list.slice(place)] });
  }
});
