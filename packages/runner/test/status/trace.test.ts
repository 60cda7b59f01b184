import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { queueOperations } from "../../src/control/operations/inbox-operations.ts";
import { openPrivacy } from "../../src/privacy/privacy.ts";
import { trace, type TraceOf } from "../../src/status/trace.ts";
import { parseConfig } from "@statewave-connectors/config";

test("an episode that was sent again is found by its idempotency key while it waits", async () => {
  const inbox = new InMemoryInbox({ clock: new FakeClock() });
  const { config } = await parseConfig({ statewave: { url: "stdout:" } }, {});
  const source = { kind: "github", name: "main" };
  for (const key of ["first", "second"]) {
    const episode = { subject: "s", kind: "k", text: "t", occurred_at: "2026-01-01T00:00:00Z", source: { type: "t", id: key } };
    await inbox.buryEpisode(source, { ...episode, idempotency_key: key }, "refused");
  }
  await inbox.retryDeadLetters((await inbox.listDeadLetters({})).map(({ key }) => key));
  const operations: TraceOf = {
    ...queueOperations(
      async () => inbox,
      async () => openPrivacy(config),
    ),
    listDeadLetters: async (query) => inbox.listDeadLetters(query),
  };
  const [waiting] = await operations.listQueued({ limit: 1, after: (await operations.listQueued({ limit: 1 }))[0]?.key ?? "" });
  expect(await trace(operations, config, "second")).toEqual({ findings: [{ where: "inbox", item: waiting }], isWhole: true });
  expect((await trace(operations, config, "third")).findings).toEqual([]);
});
