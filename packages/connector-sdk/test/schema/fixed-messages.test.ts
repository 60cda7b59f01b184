import { expect, test } from "vitest";
import { fixedMessagesOf } from "../../src/schema/index.ts";

test("the messages that a schema holds as texts are found at any depth, also in one that holds itself", () => {
  const loop: Record<string, unknown> = { type: "lazy", message: "g" };
  loop["wrapped"] = loop;
  const schema = {
    message: "a",
    entries: {
      x: { wrapped: { message: "b", pipe: [{ message: "c" }, { message: () => "made" }] } },
      y: { item: { message: "d" } },
    },
    options: [{ message: "e" }, loop],
    rest: { message: "f" },
  };
  expect([...fixedMessagesOf(schema)].toSorted()).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
  expect(fixedMessagesOf(undefined).size).toBe(0);
});
