import { describe, expect, test } from "vitest";
import { hashedSubject, isSubject, mentions, spellingsOf, withoutMentions } from "../../src/erase/subject-spellings.ts";

describe("a subject", () => {
  test("is recognised as the connector writes it and as Statewave knows it", () => {
    for (const written of ["repo:acme/widgets", "repo:acme.widgets"]) {
      const of = spellingsOf(written);
      expect(isSubject("repo:acme/widgets", of)).toBe(true);
      expect(isSubject("repo:acme.widgets", of)).toBe(true);
      expect(isSubject("repo:acme/widget", of)).toBe(false);
      expect(isSubject(undefined, of)).toBe(false);
    }
  });

  test.each([
    ["GET /repos/acme/widgets: 404", true],
    ["acme/widgets.", true],
    ["(acme/widgets)", true],
    ["acme/widgets-old", false],
    ["acme/widgets.js", false],
    ["xacme/widgets", false],
    ["Ünacme/widgets", false],
  ])("is mentioned in %j: %s", (text, isMentioned) => {
    expect(mentions(text, spellingsOf("repo:acme/widgets").named)).toBe(isMentioned);
  });

  test("is cut out of a text wherever it stands, and longer names stay", () => {
    const { named } = spellingsOf("user:ada@example.com");
    const text = "ada@example.com wrote to user:ada@example.com, not to ada@example.com.au";
    expect(withoutMentions(text, named)).toBe("[erased] wrote to [erased], not to ada@example.com.au");
    expect(withoutMentions("ab", spellingsOf("x:ab").named)).toBe("ab");
  });

  test("has the same hash in both spellings, and does not show in it", () => {
    expect(hashedSubject("repo:acme/widgets")).toBe(hashedSubject("repo:acme.widgets"));
    expect(hashedSubject("repo:acme/widgets")).toMatch(/^sha256:[0-9a-f]{16}$/);
  });
});
