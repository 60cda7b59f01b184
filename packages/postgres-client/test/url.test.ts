import { describeError, silentLogger } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { openPostgres } from "../src/index.ts";

const open = (url?: string) => openPostgres({ area: "INBOX", url, maxConnections: 1, timeoutMs: 1_000, logger: silentLogger });

test.each([undefined, "", "localhost", "mysql://user:s3cret@host/db", "postgres//user:s3cret@host"])(
  "refuses %j as the url, without showing it",
  async (url) => {
    const error: unknown = await open(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INBOX_OPTION_INVALID", retryable: false });
    expect(describeError(error)).not.toContain("s3cret");
  },
);

test("does not show the password of a server that cannot be reached", async () => {
  const postgres = await open("postgres://user:s3cret@127.0.0.1:1/db");
  const error: unknown = await postgres.query("SELECT 1").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INBOX_UNAVAILABLE", retryable: true });
  expect(describeError(error)).not.toContain("s3cret");
  await postgres.close();
});
