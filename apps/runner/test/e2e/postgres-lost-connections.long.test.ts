import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { balanced } from "./ledger.ts";
import { sharedStores, startStore } from "./several-processes/shared-store.ts";
import { slackBody, slackHeaders, slackPath } from "./slack-sender.ts";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld } from "./world.ts";

const postgres = sharedStores.find(({ kind }) => kind === "postgres")!;
const breakWrites = fileURLToPath(new URL("fixtures/break-writes.mjs", import.meta.url));

describe.concurrent("a connection to Postgres that fails with a code of the system", () => {
  it.for(["EPIPE", "EPERM", "EBADF", "ETIMEDOUT", "ENETUNREACH"])(
    "%s is a lost one: webhooks get 503 with Retry-After, and everything is delivered once it is over",
    async (code, test) => {
      const server = await startStore(test, postgres);
      const world = await makeWorld(test);
      const { url } = server;
      const text = configText({ statewaveUrl: world.statewave.url, state: "postgres" });
      await world.workspace.write(configName, text.replace('kind = "postgres"', `kind = "postgres"\nurl = "${url}"`));
      const runner = await world.workspace.run({
        NODE_OPTIONS: `--import=${breakWrites}`,
        E2E_BREAK_PORT: new URL(url).port,
        E2E_BREAK_FILE: world.workspace.path("break"),
      });
      const address = await runner.listening();
      await world.writeDocuments(2);
      await world.slack.sendMany(address, 3);
      await world.drained(runner);

      await world.workspace.write("break", code);
      const body = slackBody(900, "while the connection is broken");
      const refused = await fetch(address + slackPath, { method: "POST", body, headers: slackHeaders(body) });
      await refused.arrayBuffer();
      expect({ status: refused.status, retryAfter: refused.headers.get("retry-after") }).toEqual({
        status: 503,
        retryAfter: expect.stringMatching(/^\d+$/),
      });
      const refusal = await runner.logged("webhook answered 503, the provider will send it again");
      expect(refusal["error"]).toMatchObject({ code: "INBOX_UNAVAILABLE" });
      await until("a claim of dues failed", () => runner.log.find(({ msg }) => msg.startsWith("claiming dues failed")));
      await world.writeDocuments(2);

      await rm(world.workspace.path("break"));
      await world.slack.sendMany(address, 3);
      await world.drained(runner);
      expect(world.account()).toEqual(balanced);
      await runner.terminate();
    },
  );
});
