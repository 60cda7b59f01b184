import { expect, test } from "vitest";
import { documentedKinds } from "../src/index.ts";

const readme = `# A connector

| kind       | no |
| ---------- | -- |
| \`x.other\` | 1  |

## Episodes

Some words.

| kind                      | pull | push |
| ------------------------- | ---- | ---- |
| \`x.written\`, \`x.edited\` | ✓    | ✓    |
| \`x.deleted\` (at last)     |      | ✓    |

## Errors

| \`X_FAILED\` | what |
`;

test("a README's kinds are those in the table of its episodes", () => {
  expect(documentedKinds(readme)).toEqual(["x.deleted", "x.edited", "x.written"]);
});

test("a column says which of them it means", () => {
  expect(documentedKinds(readme, "pull")).toEqual(["x.edited", "x.written"]);
  expect(documentedKinds(readme, "push")).toEqual(["x.deleted", "x.edited", "x.written"]);
});

test("a column that is not there is an error, not a table without kinds", () => {
  expect(() => documentedKinds(readme, "pulled")).toThrow('no column "pulled"');
  expect(() => documentedKinds("# Nothing", "pull")).toThrow('no column "pull"');
});
