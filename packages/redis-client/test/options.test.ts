import { describeError } from "@statewave-connectors/connector-sdk";
import { checkOptions } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { expect, test } from "vitest";
import { redisUrl } from "../src/index.ts";

const check = (url: unknown) => checkOptions("STORE", v.strictObject({ url: redisUrl }), { url });

test.each([
  "redis:s3cret",
  "redis//user:s3cret@host",
  "redi://user:s3cret@host",
  ":s3cret@host:6379",
  "redis://user:s3cret@host:port",
  "redis://user:s3/cret@host",
  "redis://user:s3cret%@host",
  "redis://user:s3cret%zz@host",
  "redis://user:s3cret@host/name",
  "redis://user:s3cret@host/0/1",
  "redis://user:s3cret@host/x y",
  "redis://user:s3\ncret@host",
  "redis://user:s3cret\u0000@host",
])("refuses %s without showing its password", async (url) => {
  const error: unknown = await check(url).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "STORE_OPTION_INVALID", message: expect.stringContaining("url") });
  expect(describeError(error)).not.toMatch(/s3[/\s]?cret/);
});

test.each([
  "redis://host",
  "redis://:p%25w@host:6379/",
  "rediss://u:p@host/15",
  "redis://[::1]:6379/0?family=6",
  "REDIS://host/1",
])("takes %s", async (url) => {
  expect((await check(url)).url.reveal()).toBe(url);
});
