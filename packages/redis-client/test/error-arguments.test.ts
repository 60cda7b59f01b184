import { inspect } from "node:util";
import { Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { connectRedis } from "../src/index.ts";

const testUrl = process.env["TEST_REDIS_URL"] ?? "";

test.skipIf(testUrl === "")("an error of a refused login does not carry the password, not even in its cause", async () => {
  const url = new URL(testUrl);
  url.username = "nobody";
  url.password = "wrong-passw0rd";
  const options = { area: "STORE", url: new Secret(url.href), logger: silentLogger, answerWithinMs: 4_000 } as const;
  const error: unknown = await connectRedis(options).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "STORE_ACCESS_DENIED" });
  expect(inspect(error, { depth: 9 })).not.toContain("wrong-passw0rd");
});
