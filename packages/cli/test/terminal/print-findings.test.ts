import { ConnectorsError, describeError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { findingLines, findingsJsonLine, toDiagnosis } from "../../src/terminal/print-findings.ts";

const source = { kind: "github", name: "main" };

test.each([
  [
    '[[pull.github]] "main" cannot read acme/w: GITHUB_UNAUTHORIZED: GitHub answered 401 to GET /repos/acme/w for [[pull.github]] name = "main": Bad credentials',
    "FAIL pull github/main: cannot read acme/w: GITHUB_UNAUTHORIZED: GitHub answered 401 to GET /repos/acme/w: Bad credentials\n",
  ],
  ['[[pull.github]] "main": no repository of acme is left', "FAIL pull github/main: no repository of acme is left\n"],
  ['token of [[pull.github]] name = "main" is refused', "FAIL pull github/main: token is refused\n"],
  ['[[pull.github]] "other" is refused', 'FAIL pull github/main: [[pull.github]] "other" is refused\n'],
])("a finding names its entry once: %s", (message, line) => {
  const check = { source, direction: "pull", results: [{ ok: false, message }], rights: [] } as const;
  expect(findingLines(toDiagnosis(check))).toBe(line);
});

test.each([
  ["is its error", "", "GitHub answered 401"],
  ["ends with its error", '[[pull.github]] "main" cannot read acme/w: ', "cannot read acme/w: GitHub answered 401"],
])("a finding whose message %s has code and hint in their own places", (_, lead, message) => {
  const error = new ConnectorsError({ code: "GITHUB_UNAUTHORIZED", message: "GitHub answered 401", hint: "replace `token`" });
  const results = [{ ok: false, message: `${lead}${describeError(error)}`, error }];
  const diagnosis = toDiagnosis({ source, direction: "pull", results, rights: [] });
  expect(findingLines(diagnosis)).toBe(`FAIL pull github/main: ${message} [GITHUB_UNAUTHORIZED]\n     hint: replace \`token\`\n`);
  expect(JSON.parse(findingsJsonLine(diagnosis, []))).toEqual({
    entry: "pull github/main",
    results: [{ level: "fail", ok: false, message, hint: "replace `token`", code: "GITHUB_UNAUTHORIZED" }],
  });
});

test("a finding with a sentence of its own keeps it, and has the hint of its error", () => {
  const error = new ConnectorsError({ code: "ACME_FORBIDDEN", message: "Acme answered 403", hint: "grant `tickets:read`" });
  const results = [{ ok: false, message: "tickets cannot be read", error }];
  expect(findingLines(toDiagnosis({ source, direction: "pull", results, rights: [] }))).toBe(
    "FAIL pull github/main: tickets cannot be read [ACME_FORBIDDEN]\n     hint: grant `tickets:read`\n",
  );
});
