import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describeWithService, hasPgBouncer, startPgBouncer } from "@statewave-connectors/testing/servers";
import { describe, expect, test } from "vitest";
import { isPassingAnswer, openPostgres } from "../src/index.ts";

function open(server: string) {
  return openPostgres({ area: "INBOX", server, maxConnections: 1, timeoutMs: 5_000, logger: silentLogger });
}

describe.skipIf(!hasPgBouncer())("PgBouncer", () => {
  describeWithService("postgres", "that refuses the connection", (url) => {
    test.each<[string, readonly string[], Partial<URL>, string, string, boolean]>([
      ["max_client_conn", ["max_client_conn = 1"], {}, "INBOX_UNAVAILABLE", "max_client_conn", true],
      ["an unknown database", [], { pathname: "/nowhere" }, "INBOX_ACCESS_DENIED", "database in the url", false],
      ["an unknown user", ["auth_type = plain"], { username: "nobody" }, "INBOX_ACCESS_DENIED", "user", false],
      ["a wrong password", ["auth_type = plain"], { password: "wrong" }, "INBOX_ACCESS_DENIED", "password", false],
      ["a startup parameter", [], { search: "?options=-c%20work_mem%3D1MB" }, "INBOX_ACCESS_DENIED", "ignore_startup", false],
      ["TLS that it does not speak", [], { search: "?sslmode=require" }, "INBOX_TLS_FAILED", "remove sslmode", false],
      [
        "a server that it does not reach",
        ["query_wait_timeout = 1", "auth_user = nobody"],
        {},
        "INBOX_UNAVAILABLE",
        "pooler",
        true,
      ],
    ])("for %s says so", async (what, settings, changes, code, hint, isPassing) => {
      // The pooler's address of a server that does not exist.
      const target = what.startsWith("a server") ? Object.assign(new URL(url), { port: "9" }).href : url;
      const pooler = await startPgBouncer(target, 4, settings);
      const first = await open(pooler.url);
      // The connection that found the pooler answering may still count.
      const takeLast = () => first.query("SELECT 1").then(Boolean, () => false);
      await expect.poll(() => what !== "max_client_conn" || takeLast()).toBe(true);
      const refused = await open(Object.assign(new URL(pooler.url), changes).href);
      const error: unknown = await refused.query("SELECT 1").catch((thrown: unknown) => thrown);
      await Promise.all([first.close(), refused.close()]);
      await pooler.stop();
      if (!isConnectorsError(error)) throw new Error("it was not refused");
      expect(error).toMatchObject({ code, hint: expect.stringContaining(hint) });
      expect(isPassingAnswer(error)).toBe(isPassing);
    });
  });
});
