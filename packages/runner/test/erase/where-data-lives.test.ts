import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withoutSubject } from "../../src/erase/records-without-subject.ts";
import { spellingsOf } from "../../src/erase/subject-spellings.ts";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));
const page = readFileSync(join(repository, "docs/reference/where-data-lives.md"), "utf8");
const guide = readFileSync(join(repository, "docs/guides/erase-a-subject.md"), "utf8");
const records = page.slice(page.indexOf("## The records of the store"), page.indexOf("## The names"));
const listed = [...records.matchAll(/^\| `(?<scope>[\w-]+)`/gm)].map((found) => found.groups?.["scope"] ?? "");

/** The first parts of the scopes that the code writes records under. */
function scopesInCode(): ReadonlySet<string> {
  const found = new Set<string>(["secret"]);
  for (const file of globSync("packages/runner/src/**/*.ts", { cwd: repository })) {
    const text = readFileSync(join(repository, file), "utf8");
    // A constant of that name, a template that begins a scope, and `scope` in a literal.
    for (const [, scope] of text.matchAll(
      /\b(?:\w*[sS]cope\w*)\b(?: = | ?: |\s*=\s*\([^)]*\)[^=]*=>\s*)["`](?<scope>[a-z][a-z-]*)/g,
    ))
      found.add(scope ?? "");
    for (const [, scope] of text.matchAll(/return `(?<scope>[a-z-]+)\/\$\{formatSourceKey/g)) found.add(scope ?? "");
  }
  return found;
}

test("the list of records has exactly the scopes that the code writes", () => {
  expect(listed).toEqual([...scopesInCode()].toSorted());
});

test("erase knows each of them, but the cursors that it leaves and the secrets that it does not read", () => {
  const of = spellingsOf("user:ada@example.com");
  const unknown = listed.filter((scope) => {
    const record = { scope: `${scope}/x`, key: "x", value: '{"message":"user:ada@example.com"}', version: 1 };
    return withoutSubject(record, of) === undefined;
  });
  expect(unknown).toEqual(["history", "secret"]);
});

test("every option of the retention, and its metric, is in the guide", () => {
  const series = readFileSync(join(repository, "packages/runner/src/metrics/series.ts"), "utf8");
  for (const name of ["dead_letters", "runs"]) expect(guide).toContain(`${name} = "`);
  expect(guide).toContain(/"(statewave_runner_retention_\w+)"/.exec(series)?.[1]);
});
