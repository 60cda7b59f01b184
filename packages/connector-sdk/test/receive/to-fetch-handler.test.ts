import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { ConnectorsError, type PushReceiver, type ReceivedRequest, refuse } from "../../src/index.ts";
import { type FetchHandlerOptions, toFetchHandler } from "../../src/receive/index.ts";
import { type InboxItem } from "../../src/inbox/index.ts";

const nowMs = 1_700_000_000_000;
const receiver: PushReceiver = {
  receive: ({ headers }) =>
    headers["x-signature"] === "right"
      ? { type: "event", id: "e1", headers: { "x-kept": "1" } }
      : refuse(401, "invalid_signature"),
  async *pages() {
    yield { episodes: [] };
  },
};

function openHandler(overrides: Partial<FetchHandlerOptions> = {}) {
  const accepted: InboxItem[] = [];
  const accept: FetchHandlerOptions["accept"] = async (item) => {
    accepted.push(item);
    return "fresh";
  };
  const clock = { now: () => nowMs, after: () => () => undefined };
  const handle = toFetchHandler({
    source: { kind: "slack", name: "team" },
    receiver,
    accept,
    clock,
    maxBodyBytes: 16,
    ...overrides,
  });
  return { accepted, handle };
}

const post = (body: RequestInit["body"], headers: Record<string, string> = { "x-signature": "right" }) =>
  new Request("https://example.com/hook?a=%41", { method: "POST", headers, body: body ?? null, duplex: "half" });

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
}

describe("taking", () => {
  test("a verified event is stored raw, with the named headers only, before it is answered 200", async () => {
    const { handle, accepted } = openHandler();
    const response = await handle(post("\u00ff{", { "x-signature": "right", authorization: "secret" }));
    expect([response.status, await response.text()]).toEqual([200, ""]);
    const event = {
      type: "event",
      source: { kind: "slack", name: "team" },
      id: "e1",
      headers: { "x-kept": "1" },
      receivedAtMs: nowMs,
    };
    expect(accepted).toEqual([{ ...event, body: new TextEncoder().encode("\u00ff{") }]);
  });

  test("a trigger is stored without a body", async () => {
    const { handle, accepted } = openHandler({ receiver: { ...receiver, receive: () => ({ type: "trigger" }) } });
    expect((await handle(post("ignored"))).status).toBe(200);
    expect(accepted).toEqual([{ type: "trigger", source: { kind: "slack", name: "team" }, receivedAtMs: nowMs }]);
  });

  test("a body in many chunks arrives whole, in a buffer of its own", async () => {
    const { handle, accepted } = openHandler();
    await handle(post(streamOf("01", "", "234", "56789")));
    const [item] = accepted as Extract<InboxItem, { type: "event" }>[];
    expect([Buffer.from(item?.body ?? []).toString(), item?.body.byteOffset, item?.body.buffer.byteLength]).toEqual([
      "0123456789",
      0,
      10,
    ]);
  });

  test("the receiver sees path and query as sent", async () => {
    const seen: ReceivedRequest[] = [];
    const receive = (request: ReceivedRequest) => {
      seen.push(request);
      return { type: "respond", response: { status: 204 } } as const;
    };
    const { handle } = openHandler({ receiver: { ...receiver, receive } });
    await handle(post("x"));
    expect(seen[0]).toMatchObject({ method: "POST", path: "/hook?a=%41", receivedAtMs: nowMs });
  });
});

describe("refusing", () => {
  test("what the receiver refuses is answered and not stored", async () => {
    const { handle, accepted } = openHandler();
    const response = await handle(post("x", {}));
    expect([response.status, await response.json()]).toEqual([401, { error: "invalid_signature" }]);
    expect(accepted).toEqual([]);
  });

  test("another method gets 405 with Allow", async () => {
    const response = await openHandler().handle(new Request("https://example.com/hook"));
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("a body whose declared length is over the limit gets 413 without being read", async () => {
    const body = streamOf("x");
    const response = await openHandler().handle(post(body, { "content-length": "17" }));
    expect([response.status, await response.json()]).toEqual([413, { error: "body_too_large", limit_bytes: 16 }]);
  });

  test("a body over the limit is read and not kept where the sender is verified by the head", async () => {
    const items: InboxItem[] = [];
    const accept = async (item: InboxItem) => (items.push(item), "fresh" as const);
    const proving: PushReceiver = {
      ...receiver,
      provesByHead: true,
      verify: () => undefined,
      receive: () => ({ type: "event" }),
    };
    const request = post(streamOf("x".repeat(17)), { "content-length": "17" });
    expect((await openHandler({ receiver: proving, accept }).handle(request)).status).toBe(200);
    expect(items).toMatchObject([{ type: "event", body: new Uint8Array() }]);
    expect(request.bodyUsed).toBe(true);
    const refusing: PushReceiver = { ...proving, verify: () => ({ reason: "signature_invalid" }) };
    const refused = post(streamOf("x".repeat(17)), { "content-length": "17" });
    expect((await openHandler({ receiver: refusing, accept }).handle(refused)).status).toBe(401);
    expect([items.length, refused.bodyUsed]).toEqual([1, false]);
  });

  test("a body that turns out over the limit gets 413, and the rest is not read", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(10));
      },
    });
    expect((await openHandler().handle(post(endless))).status).toBe(413);
    expect(pulled).toBeLessThan(5);
  });

  test.each([
    ["is full", new ConnectorsError({ code: "INBOX_FULL", message: "full", retryable: true })],
    ["may not write", new ConnectorsError({ code: "INBOX_FORBIDDEN", message: "secret detail" })],
    ["has a defect", new Error("secret detail")],
  ])(
    "an inbox that %s gets 503 with Retry-After and without details, so that the provider sends the event again",
    async (_why, error) => {
      const response = await openHandler({ accept: () => Promise.reject(error) }).handle(post("x"));
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
      expect(await response.text()).not.toContain("detail");
    },
  );

  test("a receiver that throws gets 500 without details", async () => {
    const failing = { ...receiver, receive: () => Promise.reject(new Error("secret detail")) };
    const response = await openHandler({ receiver: failing }).handle(post("x"));
    expect([response.status, await response.json()]).toEqual([500, { error: "internal_error" }]);
  });

  test("what was thrown is reported with its source", async () => {
    const errors: unknown[] = [];
    const onError = (...args: unknown[]) => errors.push(args);
    const thrown = [new Error("a defect"), new ConnectorsError({ code: "INBOX_FULL", message: "full", retryable: true })];
    for (const error of thrown) await openHandler({ accept: () => Promise.reject(error), onError }).handle(post("x"));
    expect(errors).toEqual(thrown.map((error) => [error, expect.objectContaining({ kind: expect.any(String) })]));
  });

  test("a hook that throws does not change the answer", async () => {
    const onError = () => {
      throw new Error("from the hook");
    };
    expect((await openHandler({ accept: () => Promise.reject(new Error("x")), onError }).handle(post("x"))).status).toBe(503);
  });

  test("a hook that rejects leaves no rejection behind", async () => {
    const unhandled: unknown[] = [];
    const see = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", see);
    onTestFinished(() => void process.off("unhandledRejection", see));
    const onError = () => Promise.reject(new Error("from the hook"));
    expect((await openHandler({ accept: () => Promise.reject(new Error("x")), onError }).handle(post("x"))).status).toBe(503);
    await setImmediate();
    expect(unhandled).toEqual([]);
  });

  test("a body that was read before is answered 500, and the cause is reported", async () => {
    const errors: unknown[] = [];
    const request = post("x");
    await request.text();
    expect((await openHandler({ onError: (error: unknown) => errors.push(error) }).handle(request)).status).toBe(500);
    expect(errors).toMatchObject([{ code: "PUSH_BODY_READ" }]);
  });

  test.each([
    ["status 99", { status: 99 }, 500],
    ["a body on 204", { status: 204, body: "surplus" }, 204],
    ["a forged header line", { status: 200, headers: { "x-a": "1\r\nx-b: 2" } }, 200],
  ])("a receiver that answers with %s does not make it throw", async (_what, response, status) => {
    const { handle } = openHandler({ receiver: { ...receiver, receive: () => ({ type: "respond", response }) } });
    const answer = await handle(post("x"));
    expect([answer.status, answer.headers.has("x-a")]).toEqual([status, false]);
  });
});
