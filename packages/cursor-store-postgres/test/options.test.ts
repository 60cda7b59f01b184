import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { openCursorStore, openPostgresPullCursorStore } from "../src/index.ts";

const context = { clock: new FakeClock(), logger: silentLogger, baseDir: "/", stateDir: "/" };
const url = "postgres://ada:s3cret@localhost:1/db";
/** Never called: the options are refused first. */
const pool = { connect: () => Promise.reject(new Error("it was asked")), query: () => Promise.reject(new Error("it was asked")) };

test.each([
  { options: {}, says: ["url is required"] },
  { options: { url: "mysql://ada:s3cret@h/db" }, says: ["url: expected postgres://"] },
  {
    options: { url, table: "a b", schema: "", require_durable: "yes" },
    says: ["table: expected", "schema: expected", "true or false"],
  },
  { options: { url, tabel: "t" }, says: ["tabel is not an option"] },
  { options: { url, pool }, says: ["pool is not an option"] },
])("the options $options of a file are refused with all that is wrong", async ({ options, says }) => {
  const error: unknown = await openCursorStore(options, context).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "STORE_OPTION_INVALID", hint: "Its options are url, table, schema, require_durable." });
  for (const text of says) expect(String(error)).toContain(text);
  expect(String(error)).not.toContain("s3cret");
});

test("code gets the same errors of its options", async () => {
  await expect(openPostgresPullCursorStore({})).rejects.toMatchObject({
    code: "STORE_OPTION_INVALID",
    message: expect.stringContaining("url is required"),
  });
});

test("a pool of one's own needs no url, but a table that can be one", async () => {
  await expect(openPostgresPullCursorStore({ pool, table: "a b" })).rejects.toMatchObject({
    code: "STORE_OPTION_INVALID",
    message: expect.stringMatching(/cannot be used: table: expected [^;]*\.$/),
  });
});
