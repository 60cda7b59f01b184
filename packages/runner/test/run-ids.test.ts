import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseConfig } from "@statewave-connectors/config";
import { defineConnector, type Episode } from "@statewave-connectors/connector-sdk";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRunner } from "../src/index.ts";
import { runIdsOf, toRunId } from "../src/run-id.ts";
import { keepingLogger, type Line } from "./health/logging.ts";

const accepting = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

function note(text: string, changes: Partial<Episode> = {}): Episode {
  return {
    subject: "notes",
    kind: "note.written",
    text,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "notes", id: text },
    idempotency_key: `notes:${text}`,
    ...changes,
  };
}

/** Its pull yields one good note, one that cannot be delivered and an item that cannot be mapped; its webhooks hold one note each. */
const notes = defineConnector({
  kind: "notes",
  version: "1.0.0",
  pull: {
    config: accepting,
    open: () => ({
      async *pages() {
        const failures = [{ id: "7", error: new Error("no mapping") }];
        yield { episodes: [note("pulled"), note("timeless", { occurred_at: "2024-02-30T00:00:00Z" })], failures };
      },
    }),
  },
  push: {
    config: accepting,
    open: () => ({
      receive: () => ({ type: "event", id: "delivery-1" }),
      async *pages({ body }) {
        yield { episodes: [note(Buffer.from(body).toString())] };
      },
    }),
  },
});

/** A Statewave that keeps its log: the id of each request, with the keys in it. */
async function loggingStatewave() {
  const log = new Map<string, readonly string[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "GET") {
        response.writeHead(404).end();
        return;
      }
      const { episodes } = JSON.parse(Buffer.concat(chunks).toString()) as { episodes: { idempotency_key: string }[] };
      log.set(
        String(request.headers["x-request-id"]),
        episodes.map(({ idempotency_key: key }) => key),
      );
      const rows = episodes.map((_, at) => ({ id: `${at}`, subject_id: "notes", created_at: "2026-01-01T00:00:00Z" }));
      response.writeHead(201, { "content-type": "application/json" });
      response.end(JSON.stringify({ episodes_created: rows.length, episodes: rows }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log };
}

async function startRunner(url: string): Promise<{ readonly lines: readonly Line[]; readonly fetch: typeof fetch }> {
  const { logger, lines } = keepingLogger();
  const config = {
    statewave: { url },
    pull: { notes: [{ name: "team", schedule: "every 1s" }] },
    push: { notes: [{ name: "team" }] },
  };
  const runner = await createRunner({ ...(await parseConfig(config, { connectors: [notes] })), logger, listen: false });
  onTestFinished(() => runner.stop());
  await runner.start();
  return { lines, fetch: (input) => runner.fetch(input as Request) };
}

const patience = { timeout: 120_000 };

/** Waits until there is something. */
function found<Value>(look: () => Value | undefined): Promise<Value> {
  return vi.waitFor(() => look() ?? Promise.reject(new Error("nothing yet")), patience);
}

/** Statewave's log names the request, the runner's log names the runs in it, and the lines of that run name the source. */
async function follow(key: string, message: string): Promise<readonly Line[]> {
  const { url, log } = await loggingStatewave();
  const { lines, fetch } = await startRunner(url);
  if (message === "event processed")
    await fetch(new Request("http://runner/notes/team/events", { method: "POST", body: "pushed" }));
  const requestId = await found(() => [...log].find(([, keys]) => keys.includes(key))?.[0]);
  const sent = await found(() => lines.find(({ fields }) => fields?.["request_id"] === requestId && "run_ids" in fields));
  const runIds = sent.fields?.["run_ids"] as readonly string[];
  const last = await found(() =>
    lines.find((line) => line.message === message && runIds.includes(String(line.fields?.["run_id"]))),
  );
  return lines.filter(({ fields }) => fields?.["run_id"] === last.fields?.["run_id"]);
}

test("an episode of a pull is followed from Statewave's request id to every line of its run", async () => {
  const lines = await follow("notes:pulled", "run done");
  expect(lines.map(({ message }) => message).toSorted()).toEqual([
    "an episode that cannot be delivered is kept as a dead letter",
    "items cannot be mapped and are now dead letters",
    "run done",
  ]);
  for (const { fields } of lines) expect(fields).toMatchObject({ source: "notes/team" });
});

test("an episode of a webhook is followed from Statewave's request id to the provider's delivery", async () => {
  const [line, ...others] = await follow("notes:pushed", "event processed");
  expect(others).toEqual([]);
  expect(line?.fields).toMatchObject({ source: "notes/team", event_id: "delivery-1", delivered: 1, buried: 0 });
});

test("a run id is 12 hexadecimal digits, whatever chance brings", () => {
  for (const random of [0, 2 ** -48, 0.5, 1 - 2 ** -53]) expect(toRunId(() => random)).toMatch(/^[0-9a-f]{12}$/);
});

test("a batch names each of its runs once, and leaves out episodes without one", () => {
  expect(runIdsOf([{ runId: "a" }, {}, { runId: "b" }, { runId: "a" }])).toEqual(["a", "b"]);
});
