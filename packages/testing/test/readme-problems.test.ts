import { defineConnector } from "@statewave-connectors/connector-sdk";
import { headerSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { expect, test } from "vitest";
import { readmeProblems } from "../src/index.ts";

const connector = defineConnector({
  kind: "acme",
  version: "1.0.0",
  pull: {
    config: v.strictObject({ token: headerSecret() }),
    rights: [{ name: "read:all", for: "reading" }],
    open: () => ({ pages: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) }) }),
  },
});
const subject = { connector, packageName: "statewave-connector-acme", kinds: ["acme.note.written"] };

const sound = `# statewave-connector-acme

npm install statewave-connector-acme

[[pull.acme]] has \`token\`, which needs \`read:all\`.

## Options of \`[[pull.acme]]\`

| Key     | Type   |
| ------- | ------ |
| \`token\` | string |

## Episodes

| kind                | when     |
| ------------------- | -------- |
| \`acme.note.written\` | a note   |
`;

test("finds nothing wrong with a README that agrees with its connector", () => {
  expect(readmeProblems(sound, subject)).toEqual([]);
});

test.each([
  ["# statewave-connector-acme", "# Acme", /first line/],
  ["npm install statewave-connector-acme", "", /npm install/],
  [/\[\[pull\.acme\]\]/g, "It", /\[\[pull\.acme\]\]/],
  [/`token`/g, "a token", /pull option `token`/],
  [
    "| `token` |",
    "| `url` | string |\n| `token` |",
    /`url` is listed under "## Options of `\[\[pull\.acme\]\]`", and is no option/,
  ],
  ["`read:all`", "all", /right `read:all`/],
  ["`acme.note.written`", "`acme.note.read`", /acme\.note\.read is listed/],
  ["`acme.note.written`", "", /acme\.note\.written is not listed/],
])("says what is missing when %j is %j", (is, becomes, problem) => {
  expect(readmeProblems(sound.replace(is, becomes), subject).join("\n")).toMatch(problem);
});
