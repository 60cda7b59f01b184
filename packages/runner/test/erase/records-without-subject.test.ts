import { expect, test } from "vitest";
import { withoutSubject } from "../../src/erase/records-without-subject.ts";
import { spellingsOf } from "../../src/erase/subject-spellings.ts";

const of = spellingsOf("user:alice.smith@example.com");
const discarded = (reason: string) => {
  const value = JSON.stringify({ command: "dead-letters discard", before: [{ key: "7", reason }] });
  return withoutSubject({ scope: "audit", key: "1", value, version: 1 }, of);
};

test("what was discarded is erased where its reason is cut within the name of the subject", () => {
  const reason = `422 for ${"x".repeat(125)} alice.smith@exam`;
  expect(discarded(reason)).toEqual({
    type: "changed",
    value: '{"command":"dead-letters discard","before":"[erased]"}',
  });
});

test("what was discarded stays where it names another subject", () => {
  expect(discarded(`422 for ${"x".repeat(125)} bob@example.org`)).toEqual({ type: "none" });
});
