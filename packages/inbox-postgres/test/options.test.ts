import { execFileSync } from "node:child_process";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import { expect, test } from "vitest";
import { openInbox } from "../src/index.ts";

const context = { clock: systemClock, logger: silentLogger, baseDir: "/", stateDir: "/" };
const url = "postgres://ada:s3cret@localhost:1/db";

test.each([
  { options: {}, says: ["url is required"] },
  { options: { url: "http://ada:s3cret@h" }, says: ["url: expected postgres://"] },
  { options: { url, schema: "a b", require_durable: 1 }, says: ["schema: expected", "require_durable: expected true or false"] },
  { options: { url, schema: "x".repeat(58) }, says: ["at most 57"] },
  { options: { url, table: "t" }, says: ["table is not an option"] },
])("the options $options are refused with all that is wrong", async ({ options, says }) => {
  const error: unknown = await openInbox(options, defaultInboxLimits, context).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INBOX_OPTION_INVALID", hint: "Its options are url, schema, require_durable." });
  for (const text of says) expect(String(error)).toContain(text);
  expect(String(error)).not.toContain("s3cret");
});

test("a file is checked without importing pg-boss", () => {
  const script = `
    import { registerHooks } from "node:module";
    const asked = [];
    registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) });
    const { openInbox } = await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
    console.log(JSON.stringify([Object.keys(openInbox.config.entries), asked.includes("pg-boss")]));`;
  const flags = ["--conditions=@statewave-connectors/source", "--input-type=module", "--eval", script];
  expect(JSON.parse(execFileSync(process.execPath, flags, { encoding: "utf8", cwd: import.meta.dirname }))).toEqual([
    ["url", "schema", "require_durable"],
    false,
  ]);
});
