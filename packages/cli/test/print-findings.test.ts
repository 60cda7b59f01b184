import { expect, test } from "vitest";
import { findingLines, toDiagnosis } from "../src/print-findings.ts";

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
