import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { InboxSubject } from "@statewave-connectors/testing";
import { inboxCases, runInboxCase } from "@statewave-connectors/testing/cases";
import { describeWithService, hasPgBouncer, type PgBouncer, startPgBouncer } from "@statewave-connectors/testing/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openInbox } from "../src/index.ts";
import { event, firstClaim, open } from "./item.ts";
import { ownSchemas } from "./own-schema.ts";

/** The parts of the contract that touch everything the inbox needs of Postgres; all of it takes a minute and a half. */
const cases = inboxCases.filter(({ title }) =>
  [
    "agrees with a plain model through random steps",
    "stores one of fifty copies that arrive at once",
    "gives back a body of 5 MB byte for byte",
    "gives each of many sources its turn when the bytes are scarce",
    "keeps a dead event with its reason, raw, and out of the queue",
    "finds attempts and the times of retries when it is opened again",
  ].includes(title),
);

describeWithService("postgres", "the Postgres inbox behind a pooler in transaction mode", (url) => {
  describe.skipIf(!hasPgBouncer())("with fewer connections to the server than to its clients", () => {
    const { nameOf } = ownSchemas(url);
    let pooler: PgBouncer;
    beforeAll(async () => void (pooler = await startPgBouncer(url)));
    afterAll(() => pooler.stop());

    const subject: InboxSubject = {
      name: "inbox-postgres behind PgBouncer",
      capabilities: { clock: "server", persistent: true, forgetsIds: "later" },
      open: ({ storeName, limits, clock }) =>
        openInbox({ url: pooler.url, schema: nameOf(storeName) }, limits, {
          clock,
          logger: silentLogger,
          baseDir: "/",
          stateDir: "/",
        }),
    };

    test("chose six cases of the contract", () => expect(cases).toHaveLength(6));

    test.each(cases)("$title", async (inboxCase) => {
      await expect(runInboxCase(inboxCase, subject)).resolves.toBeUndefined();
    });

    test("opens at the same moment in several processes that find nothing", async () => {
      const schema = nameOf("at_once");
      const inboxes = await Promise.all(Array.from({ length: 5 }, () => open(pooler.url, schema)));
      expect(new Set(await Promise.all(inboxes.map((inbox, index) => inbox.accept(event(`${index}`)))))).toEqual(
        new Set(["fresh"]),
      );
      await Promise.all(inboxes.map((inbox) => inbox.close()));
    });

    test("finds what another process accepted, although no notification reaches it", async () => {
      const schema = nameOf("unheard");
      const [taking, delivering] = [await open(pooler.url, schema), await open(pooler.url, schema)];
      const claimed = firstClaim(delivering);
      await taking.accept(event("a"));
      const { done } = await claimed;
      done();
      await expect.poll(async () => (await taking.stats()).depth).toBe(0);
      await Promise.all([taking.close(), delivering.close()]);
    });
  });
});
