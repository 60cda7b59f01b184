import { describe, expect, test } from "vitest";
import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import { mentions, withoutMentions } from "../../src/erase/subject-mentions.ts";
import { hashedSubject, isSubject, spellingsOf } from "../../src/erase/subject-spellings.ts";

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
    expect(mentions(text, spellingsOf("repo:acme/widgets"))).toBe(isMentioned);
  });

  test("is cut out of a text wherever it stands, and longer names stay", () => {
    const of = spellingsOf("user:ada@example.com");
    const text = "ada@example.com wrote to user:ada@example.com, not to ada@example.com.au";
    expect(withoutMentions(text, of)).toBe("[erased] wrote to [erased], not to ada@example.com.au");
    expect(withoutMentions("ab", spellingsOf("x:ab"))).toBe("ab");
  });

  test("that is given as Statewave shows it is found as its source names it", () => {
    const cases = [
      ["repo:acme/widgets", "acme/widgets", "acme_widgets"],
      ["user:ada@example.com", "ada@example.com", "ada-example.com"],
      ["person:Zoë 😀 Ångström", "Zoë 😀 Ångström", "Zoe 😀 Ångström"],
    ] as const;
    for (const [subject, name, other] of cases) {
      const of = spellingsOf(canonicalSubject(subject));
      expect([mentions(`by ${name}.`, of), mentions(`by ${other}.`, of)]).toEqual([true, false]);
      expect(withoutMentions(`😀 by ${name}, and ${subject} again`, of)).toBe("😀 by [erased], and [erased] again");
    }
  });

  test("is cut out of an address, in which it is escaped", () => {
    const of = spellingsOf("user:ada@example.com");
    expect(withoutMentions("GET /users/ada%40example.com/files: 404", of)).toBe("GET /users/[erased]/files: 404");
    expect(withoutMentions("GET /people?id=user%3aada%40example.com", of)).toBe("GET /people?id=[erased]");
  });

  test("is cut out of a text that was cut and holds only its beginning", () => {
    const of = spellingsOf("user:ada@example.com");
    const text = `${"x".repeat(100)} by ada@exam`;
    expect(withoutMentions(text, of)).toBe(`${"x".repeat(100)} by [erased]`);
    expect(withoutMentions(`${text}…`, of)).toBe(`${"x".repeat(100)} by [erased]…`);
    expect(withoutMentions("by ada@exam", of)).toBe("by ada@exam");
  });

  test("has the same hash in both spellings, and does not show in it", () => {
    expect(hashedSubject("repo:acme/widgets")).toBe(hashedSubject("repo:acme.widgets"));
    expect(hashedSubject("repo:acme/widgets")).toMatch(/^sha256:[0-9a-f]{16}$/);
  });
});
