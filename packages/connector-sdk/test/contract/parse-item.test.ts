import * as v from "valibot";
import { expect, test } from "vitest";
import { isConnectorsError, parseItem } from "../../src/index.ts";

const Ticket = v.object({ id: v.number(), tags: v.array(v.string()) });
const described = { codePrefix: "ACME", item: "ticket" };

function thrownFor(raw: unknown): unknown {
  try {
    return parseItem(Ticket, raw, described);
  } catch (error) {
    return error;
  }
}

test("an item of the expected form is what its schema makes of it", () => {
  expect(parseItem(Ticket, { id: 7, tags: ["a"], more: true }, described)).toEqual({ id: 7, tags: ["a"] });
});

test.each([
  ["a value that is wrong", { id: 7, tags: ["a", { secret: "s3cret" }] }, 'a ticket has another form than expected at "tags.1"'],
  ["a value that is missing", { tags: [] }, 'a ticket has another form than expected at "id"'],
  ["no object", "s3cret", "a ticket has another form than expected"],
  ["nothing", undefined, "a ticket has another form than expected"],
])("%s is reported with its place, and without its value", (_, raw, message) => {
  const error = thrownFor(raw);
  expect(error).toMatchObject({ code: "ACME_ITEM_UNMAPPABLE", message, retryable: false });
  expect(isConnectorsError(error) && error.hint).toContain("dead letter");
});

test("a schema that is not synchronous is a defect of the connector", () => {
  const later = v.pipeAsync(
    v.unknown(),
    v.transformAsync((value) => Promise.resolve(value)),
  );
  expect(() => parseItem(later, 1, described)).toThrow(TypeError);
});
