import { describe, expect, test } from "vitest";
import { BasePath, normalizePath } from "../../src/http/base-path.ts";

describe("a base path", () => {
  test.each([
    ["/hooks", "/hooks/github/org/events"],
    ["/hooks/", "/hooks/github/org/events"],
    ["/my hooks", "/my%20hooks/github/org/events"],
    ["/my%20hooks", "/my%20hooks/github/org/events"],
    ["/übung", "/%c3%bcbung/github/org/events"],
    ["/%C3%BCbung", "/%C3%bcbung/github/org/events"],
    ["/in~tern", "/in%7Etern/github/org/events"],
    ["/%69n", "/in/github/org/events"],
    ["/100%", "/100%25/github/org/events"],
    ["/a/b.c", "/a/b%2Ec/github/org/events"],
    ["/\ud800", "/%EF%BF%BD/github/org/events"],
  ])("%s is taken off %s", (prefix, path) => {
    expect(new BasePath(prefix).below(path)).toBe("/github/org/events");
  });

  test.each([
    ["/hooks", "/hooksgithub/org/events"],
    ["/hooks", "/hook/s/github/org/events"],
    ["/hooks", "/HOOKS/github/org/events"],
    ["/hooks", "/hooks"],
    ["/a/b", "/a%2Fb/github/org/events"],
    ["", "/github/org/events"],
    ["/", "/github/org/events"],
  ])("%s is not found in %s", (prefix, path) => {
    expect(new BasePath(prefix).below(path)).toBeUndefined();
  });
});

test("malformed percent signs are no obstacle", () => {
  expect(normalizePath("/%zz/%4/%")).toBe("/%25zz/%254/%25");
});
