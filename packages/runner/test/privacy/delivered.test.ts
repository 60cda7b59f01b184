import { parseConfig } from "@statewave-connectors/config";
import { ConnectorsError, defineConnector, type Episode } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { expect, onTestFinished, test, vi } from "vitest";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { createRunner, type RunnerOptions } from "../../src/index.ts";

const accepting = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
const note: Episode = {
  subject: "person:bob@acme.com",
  kind: "notes.written",
  text: "bob@acme.com wrote",
  occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "notes", id: "bob@acme.com/1" },
  metadata: { from: "bob@acme.com" },
  idempotency_key: "notes:bob@acme.com:1",
};
const notes = defineConnector({
  kind: "notes",
  version: "1.0.0",
  pull: {
    config: accepting,
    open: () => ({
      async *pages() {
        yield { episodes: [note] };
      },
    }),
  },
});

async function start(options: Pick<RunnerOptions, "ingest" | "inbox">) {
  const pull = { notes: [{ name: "mine", schedule: "every 1s" }] };
  const parsed = await parseConfig(
    { statewave: { url: "stdout:" }, privacy: { redact: ["email"] }, pull },
    { connectors: [notes] },
  );
  const runner = await createRunner({ ...parsed, ...options, logger: silentLogger, listen: false });
  await runner.start();
  onTestFinished(() => runner.stop());
}

test("an embedder's ingest gets episodes redacted, with their subject, source and key as they were", async () => {
  const ingested: Episode[] = [];
  await start({ ingest: async (episodes) => void ingested.push(...episodes) });
  await vi.waitFor(() => expect(ingested).not.toEqual([]));
  expect(ingested[0]).toEqual({ ...note, text: "[redacted: email] wrote", metadata: { from: "[redacted: email]" } });
});

test("an episode that is refused is kept as the source gave it", async () => {
  const inbox = new InMemoryInbox({ clock: systemClock });
  const refused = new ConnectorsError({ code: "TEST_REFUSED", message: "no", retryable: false });
  await start({ inbox, ingest: () => Promise.reject(refused) });
  await vi.waitFor(async () => expect(await inbox.listDeadLetters()).toHaveLength(1));
  const [letter] = await inbox.listDeadLetters();
  expect(await inbox.getDeadLetter(letter!.key)).toMatchObject({ item: { type: "episode", episode: note } });
});
