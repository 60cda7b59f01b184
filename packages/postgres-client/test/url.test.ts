import { describeError, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { openPostgres } from "../src/index.ts";

test("does not show the password of a server that cannot be reached", async () => {
  const server = new Secret("postgres://user:s3cret@127.0.0.1:1/db");
  const postgres = await openPostgres({ area: "INBOX", server, maxConnections: 1, timeoutMs: 1_000, logger: silentLogger });
  const error: unknown = await postgres.query("SELECT 1").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INBOX_UNAVAILABLE", retryable: true });
  expect(describeError(error)).not.toContain("s3cret");
  await postgres.close();
});
