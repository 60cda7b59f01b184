import { describeError } from "@statewave-connectors/connector-sdk";
import { checkOptions } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { expect, test } from "vitest";
import { postgresName, postgresUrl } from "../src/index.ts";

const config = v.strictObject({ url: postgresUrl, schema: v.optional(postgresName(10)) });
const check = (options: Readonly<Record<string, unknown>>) => checkOptions("INBOX", config, options);

test.each([
  undefined,
  "",
  7,
  "localhost",
  "mysql://user:s3cret@host/db",
  "postgres//user:s3cret@host",
  "postgres:s3cret",
  "postgres://u:s3cret%@h/db",
])("refuses %j as the url, without showing it", async (url) => {
  const error: unknown = await check({ url }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INBOX_OPTION_INVALID", retryable: false, message: expect.stringContaining("url") });
  expect(describeError(error)).not.toContain("s3cret");
});

test.each(["postgres://u:p@h/d%b", "postgres://h/%zz?sslmode=require"])(
  "refuses %s, whose database pg could not decode",
  async (url) => {
    await expect(check({ url })).rejects.toMatchObject({ message: expect.stringContaining("write it as %25") });
  },
);

test.each([
  "postgres://u:s3cret@h1,h2/db",
  "postgres://u:s3cret@h1:5432,h2:5433/db?target_session_attrs=read-write",
  "postgres://u:s3cret@/db?sslmode=disable&host=h1,h2",
  "postgres:///db?host=h1%2Ch2",
])("refuses several hosts in %s with what to name instead", async (url) => {
  const error: unknown = await check({ url }).catch((thrown: unknown) => thrown);
  expect(describeError(error)).toMatch(/^the URL names several hosts, and `pg` connects to one|url: the URL names several hosts/);
  expect(describeError(error)).toContain("name one address that leads to the primary");
  expect(describeError(error)).not.toContain("expected postgres://");
  expect(describeError(error)).not.toContain("s3cret");
});

test("takes a comma in the password for no second host", async () => {
  const url = "postgres://u:p,w@h/db";
  expect((await check({ url })).url.reveal()).toBe(url);
});

test("takes both names of the scheme, and the parameters of pg behind them", async () => {
  const urls = ["postgres://u:p@h/db", "postgresql:///db?host=/run/postgres", "postgres://h:1/db?sslmode=verify-full"];
  for (const url of urls) expect((await check({ url })).url.reveal()).toBe(url);
});

test.each(["", "a b", 'a"b', "a.b", "1a", "x".repeat(11), "ü", "a;--", 7])("refuses %j as a name", async (schema) => {
  await expect(check({ url: "postgres://h/db", schema })).rejects.toMatchObject({
    code: "INBOX_OPTION_INVALID",
    message: expect.stringContaining("schema: expected"),
  });
});
