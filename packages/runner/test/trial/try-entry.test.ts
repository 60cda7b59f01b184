import { parseConfig } from "@statewave-connectors/config";
import {
  type CheckResult,
  type ConfigSchema,
  type Connector,
  type ConnectorContext,
  ConnectorsError,
  type Page,
  type PushReceiver,
} from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { hmac, verifier } from "@statewave-connectors/connector-sdk/signature";
import { describe, expect, test } from "vitest";
import { type EntryCheck, type Sample, tryPull, tryPush } from "../../src/tools.ts";

const signal = new AbortController().signal;
const source = { kind: "desk", name: "main" };

const episode = (id: number) => ({
  subject: "desk:all",
  kind: "desk.ticket",
  text: `ticket ${id}`,
  occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "desk", id: String(id) },
  idempotency_key: `key-${id}`,
});

interface Desk {
  readonly check?: () => Promise<readonly CheckResult[]>;
  readonly pages?: (cursor: string | undefined, context: ConnectorContext) => AsyncIterable<Page>;
  readonly receiver?: PushReceiver;
}

const noOptions: ConfigSchema = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) },
};

async function* noPages(): AsyncGenerator<Page> {}

async function partsOf({ check, pages = noPages, receiver }: Desk) {
  const connector: Connector = {
    kind: "desk",
    version: "1.0.0",
    pull: {
      config: noOptions,
      open: (_, context) => ({ pages: (cursor) => pages(cursor, context), ...(check === undefined ? {} : { check }) }),
    },
    push: { config: noOptions, open: () => receiver ?? { verify: () => ({ reason: "other" }), pages: noPages } },
  };
  const entries = { pull: { desk: [{ name: "main", schedule: "every 1h" }] }, push: { desk: [{ name: "main" }] } };
  const { config, connectors } = await parseConfig(
    { statewave: { url: "https://never.invalid" }, ...entries },
    { connectors: [connector] },
  );
  const fetchImpl = async () => new Response("{}");
  return { config, connectors, logger: silentLogger, fetchImpl };
}

async function tried(desk: Desk, cursor?: string) {
  const checks: EntryCheck[] = [];
  const shown: string[] = [];
  const request = {
    source,
    cursor,
    onCheck: (check: EntryCheck) => checks.push(check),
    onEpisode: ({ text }: { text: string }, refusal: string | undefined) => shown.push(refusal ?? text),
    onItemsFailed: (failures: readonly { id: string }[]) => shown.push(...failures.map(({ id }) => `failed ${id}`)),
  };
  return { ...(await tryPull(await partsOf(desk), request, signal)), checks, shown };
}

test("a trial begins at its cursor, counts requests, and shows each episode with what Statewave would refuse", async () => {
  const { requests, read, shown } = await tried(
    {
      async *pages(cursor, { fetch }) {
        await fetch("https://desk.invalid/tickets");
        const broken = { ...episode(2), occurred_at: "yesterday" };
        yield { episodes: [episode(1), broken], failures: [{ id: `after ${cursor}`, error: new Error("x") }], cursor: "9" };
      },
    },
    "7",
  );
  expect(shown).toEqual(["ticket 1", "occurred_at is not an ISO 8601 time with offset", "failed after 7"]);
  expect(requests).toBe(1);
  expect(read).toMatchObject({ episodes: 2, failed: 1, delivered: 0, exhausted: true });
});

test("a trial reads 100 episodes, however many there are", async () => {
  let number = 0;
  async function* pages() {
    for (;;) {
      number += 10;
      yield { episodes: Array.from({ length: 10 }, (_, at) => episode(number + at)), cursor: String(number) };
    }
  }
  expect((await tried({ pages })).read).toMatchObject({ episodes: 100, exhausted: false });
});

test("nothing is read when nothing that was checked works, and the rest is read when something does", async () => {
  const bad = { ok: false, message: "no right to users" };
  const good = { ok: true, message: "tickets can be read" };
  expect(await tried({ check: async () => [bad] })).toEqual({
    requests: 0,
    checks: [expect.objectContaining({ results: [bad] })],
    shown: [],
  });
  expect((await tried({ check: async () => [bad, good] })).read).toMatchObject({ episodes: 0 });
});

test("a trial throws what ends the reading", async () => {
  const away = new ConnectorsError({ code: "DESK_RATE_LIMITED", message: "too many requests", retryAtMs: 5 });
  // eslint-disable-next-line require-yield -- it never gets that far
  const pages = async function* (): AsyncGenerator<Page> {
    throw away;
  };
  await expect(tried({ pages })).rejects.toBe(away);
});

test("a trial throws an error with a code for a source that throws something else", async () => {
  // eslint-disable-next-line require-yield -- it never gets that far
  const pages = async function* (): AsyncGenerator<Page> {
    throw null;
  };
  const message = "the connector threw null instead of an error";
  await expect(tried({ pages })).rejects.toMatchObject({ code: "RUNNER_CONNECTOR_DEFECT", message });
});

const judged = async (receiver: PushReceiver, sample?: Sample) =>
  (await tryPush(await partsOf({ receiver }), signal, { sample }))[0];

test("a receiver that refuses what proves nothing is well, and one that would store it is not", async () => {
  expect(await judged({ verify: () => ({ reason: "signature_missing" }), pages: noPages })).toMatchObject({
    path: "/desk/main/events",
    deliveries: [{ ok: true, message: "a webhook without a signature is answered 401 (signature_missing) and not stored" }],
  });
  const careless = await judged({ verify: () => undefined, pages: noPages });
  expect(careless?.deliveries).toMatchObject([{ ok: false, message: "a webhook without a signature would be stored" }]);
});

test("a receiver that fails on what proves nothing is not well", async () => {
  const verify = () => {
    throw new TypeError("no header");
  };
  const { deliveries } = (await judged({ verify, pages: noPages })) ?? {};
  expect(deliveries).toMatchObject([{ ok: false, message: expect.stringContaining("no header") as string }]);
});

describe("a receiver with a declared signature", () => {
  const verify = verifier(hmac({ header: "x-sig", algorithm: "sha256", secretOption: "secret" }), "the secret of the entry");
  const sample = { body: Buffer.from('{"id":7}'), headers: { "x-event": "ticket" } };
  const receiver: PushReceiver = {
    verify,
    storedHeaders: ["x-event"],
    async *pages({ body, headers }) {
      const { id } = JSON.parse(Buffer.from(body).toString()) as { id: number };
      if (headers["x-event"] !== "ticket") throw new TypeError("no ticket");
      yield { episodes: [episode(id)], failures: [{ id: "8", error: new Error("x") }], skipped: { bot: 1 } };
    },
  };

  test("takes a delivery with the signature of its secret, which is not mapped without a sample", async () => {
    const { deliveries, mapped } = (await judged(receiver)) ?? {};
    expect(deliveries).toMatchObject([
      { ok: true, message: "a webhook without a signature is answered 401 (signature_missing) and not stored" },
      { ok: true, message: "a delivery with the signature of this secret would be stored" },
    ]);
    expect(mapped).toBeUndefined();
  });

  test("maps a sample as it would a delivery of the provider", async () => {
    const { mapped } = (await judged(receiver, sample)) ?? {};
    expect(mapped).toMatchObject({
      episodes: [{ episode: { text: "ticket 7" }, refusal: undefined }],
      failures: [{ id: "8" }],
      skipped: { bot: 1 },
    });
    const { mapped: other } = (await judged(receiver, { ...sample, headers: {} })) ?? {};
    expect(other).toEqual({ episodes: [], failures: [], skipped: {}, error: "TypeError: no ticket" });
  });

  test("says of a sample that it does not store how it is answered", async () => {
    const respond = () => ({ type: "respond", response: { status: 202 }, ignored: "not_wanted" }) as const;
    const { deliveries, mapped } = (await judged({ ...receiver, respond }, sample)) ?? {};
    expect(deliveries?.[1]).toEqual({
      ok: true,
      message: "a delivery with the signature of this secret is answered 202 (not_wanted) and not stored",
    });
    expect(mapped).toBeUndefined();
  });
});
