import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ConnectorsError, type PushReceiver, type ReceivedRequest, type Refusal } from "../../src/index.ts";
import type { InboxItem } from "../../src/inbox/index.ts";
import { assertVerifies, decideWebhook, receiveAndStore, toFetchHandler } from "../../src/receive/index.ts";
import { answerChallenge, hmac, ignore, parseJsonBody, verifier } from "../../src/signature/index.ts";
import { HandClock } from "../hand-clock.ts";

const secret = "a shared secret";
const signature = hmac({ header: "x-sig", algorithm: "sha256", secretOption: "secret" });
const typeOf = (sent: ReceivedRequest) => (parseJsonBody(sent) as { type?: unknown } | undefined)?.type;

const pages: PushReceiver["pages"] = async function* noPages() {
  yield { episodes: [] };
};

/** A provider of events, pings and challenges, as data. */
const declared: PushReceiver = {
  verify: verifier(signature, secret),
  respond(sent) {
    const type = typeOf(sent);
    if (type === "challenge") return answerChallenge("c-1");
    return type === "ping" ? ignore("ping") : undefined;
  },
  identify: ({ headers }) => headers["x-id"],
  storedHeaders: ["x-event", "x-more"],
  pages,
};

function request(body: string | Uint8Array, headers: Record<string, string> = {}): ReceivedRequest {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const signed = { "x-sig": createHmac("sha256", secret).update(bytes).digest("hex") };
  return { method: "POST", path: "/", headers: { ...signed, ...headers }, body: bytes, receivedAtMs: 5 };
}

/** What the inbox is given, and the answer. */
async function take(receiver: PushReceiver, sent: ReceivedRequest, maxBodyBytes?: number) {
  const items: InboxItem[] = [];
  const accept = async (item: InboxItem) => {
    items.push(item);
    return "fresh" as const;
  };
  const limit = maxBodyBytes === undefined ? {} : { maxBodyBytes };
  const receipt = await receiveAndStore({ source: { kind: "acme", name: "main" }, receiver, accept, ...limit }, sent);
  return { items, ...receipt };
}

describe("a declared receiver", () => {
  test("stores a genuine event raw, under its id, with the headers that it names", async () => {
    const sent = request('{"type":"event"}', { "x-id": "d1", "x-event": "opened", authorization: "Bearer x", "x-other": "1" });
    const { items, outcome, response } = await take(declared, sent);
    const stored = {
      type: "event",
      source: { kind: "acme", name: "main" },
      id: "d1",
      headers: { "x-event": "opened" },
      body: sent.body,
    };
    expect([items, outcome, response]).toEqual([[{ ...stored, receivedAtMs: 5 }], "fresh", { status: 200 }]);
  });

  test("decides at once when its verification does", () => {
    expect(decideWebhook(declared, request('{"type":"ping"}'))).toEqual({
      type: "respond",
      response: { status: 200 },
      ignored: "ping",
    });
  });

  test("refuses with 401 and the reason, before anything of the request is read", async () => {
    const read: string[] = [];
    const receiver: PushReceiver = {
      ...declared,
      respond: () => void read.push("respond"),
      identify: () => void read.push("identify"),
    };
    const { items, response, refusal } = await take(receiver, request("{}", { "x-sig": "00" }));
    expect([items, read]).toEqual([[], []]);
    expect(response).toMatchObject({ status: 401, body: expect.stringContaining('"error":"signature_invalid"') as string });
    expect(refusal).toMatchObject({ reason: "signature_malformed" });
  });

  test("answers a challenge to a genuine sender only", async () => {
    expect((await take(declared, request('{"type":"challenge"}'))).response).toMatchObject({ status: 200, body: "c-1" });
    expect((await take(declared, request('{"type":"challenge"}', { "x-sig": "0".repeat(64) }))).response.status).toBe(401);
  });

  test("answers an unsigned challenge where the provider does not sign it, and nothing else that is unsigned", async () => {
    const receiver: PushReceiver = {
      ...declared,
      respondUnverified: (sent) => (typeOf(sent) === "handshake" ? answerChallenge("h-1") : undefined),
    };
    expect((await take(receiver, request('{"type":"handshake"}', { "x-sig": "" }))).response.body).toBe("h-1");
    expect((await take(receiver, request('{"type":"event"}', { "x-sig": "" }))).response.status).toBe(401);
    expect((await take(receiver, request('{"type":"event"}'))).items).toHaveLength(1);
  });

  test.each([undefined, "", "x".repeat(256)])("stores a delivery without a usable id (%s) as one that has none", async (id) => {
    const [item] = (await take({ ...declared, identify: () => id }, request("{}"))).items;
    expect(item).not.toHaveProperty("id");
  });

  test("keeps at most 1,024 characters of a header", async () => {
    const [item] = (await take(declared, request("{}", { "x-event": "e".repeat(100_000) }))).items;
    expect(item).toMatchObject({ headers: { "x-event": "e".repeat(1_024) } });
  });

  test("stores a trigger where that is what it declares", async () => {
    const { items } = await take({ ...declared, stores: "trigger" }, request("{}", { "x-id": "d1" }));
    expect(items).toEqual([{ type: "trigger", source: { kind: "acme", name: "main" }, id: "d1", receivedAtMs: 5 }]);
  });

  test("stores the part that a trigger names, where it is of a usable length", async () => {
    const partOf: PushReceiver["partOf"] = ({ headers }) => headers["x-part"];
    const receiver: PushReceiver = { ...declared, stores: "trigger", partOf };
    const itemWith = async (part: string) => (await take(receiver, request("{}", { "x-part": part }))).items[0];
    expect(await itemWith("ada@example.com")).toMatchObject({ type: "trigger", part: "ada@example.com" });
    expect(await itemWith("")).not.toHaveProperty("part");
    expect(await itemWith("x".repeat(256))).not.toHaveProperty("part");
    const decided: PushReceiver = { ...declared, receive: () => ({ type: "trigger", part: "b" }) };
    expect((await take(decided, request("{}"))).items[0]).toMatchObject({ type: "trigger", part: "b" });
  });

  test("a part that is no text is a defect of the connector", async () => {
    const partOf = () => 7 as never;
    const { outcome, error } = await take({ ...declared, stores: "trigger", partOf }, request("{}"));
    expect([outcome, error]).toEqual(["failed", expect.objectContaining({ code: "PUSH_DECISION_INVALID" })]);
    const receive = () => ({ type: "trigger", part: 7 }) as never;
    expect((await take({ ...declared, receive }, request("{}"))).outcome).toBe("failed");
  });

  test.each([
    [
      "verify",
      {
        verify: () => {
          throw new Error("secret detail");
        },
      },
    ],
    [
      "respond",
      {
        respond: () => {
          throw new Error("secret detail");
        },
      },
    ],
    [
      "identify",
      {
        identify: () => {
          throw new Error("secret detail");
        },
      },
    ],
  ])("that throws in %s is answered 500 without details, and nothing is stored", async (_, broken) => {
    const { items, response, outcome } = await take({ ...declared, ...broken }, request("{}"));
    expect([items, response.status, response.body, outcome]).toEqual([[], 500, '{"error":"internal_error"}', "failed"]);
  });

  test("answers the refusal of user and password with the challenge that requests them", async () => {
    const refusal: Refusal = { reason: "signature_missing", challenge: 'Basic realm="webhooks"' };
    const { response } = await take({ ...declared, verify: () => refusal }, request("{}"));
    expect(response).toMatchObject({ status: 401, headers: { "www-authenticate": 'Basic realm="webhooks"' } });
  });
});

describe("a receiver that decides by itself", () => {
  const receive: PushReceiver["receive"] = (sent) => ({ type: "event", id: `by receive: ${String(typeOf(sent))}` });

  test("behind `verify` is called for genuine requests only, in place of respond and identify", async () => {
    const receiver: PushReceiver = { ...declared, receive };
    expect((await take(receiver, request('{"type":"ping"}'))).items).toMatchObject([{ id: "by receive: ping" }]);
    expect((await take(receiver, request('{"type":"ping"}', { "x-sig": "" }))).items).toEqual([]);
  });

  test("without `verify` sees every request", async () => {
    const receiver: PushReceiver = { receive, pages };
    expect((await take(receiver, request("{}", { "x-sig": "" }))).items).toHaveLength(1);
  });
});

describe("a receiver that would take deliveries of anyone", () => {
  test.each<[string, PushReceiver]>([
    ["neither verifies nor decides", { identify: () => "1", pages }],
    [
      "has a form that is decoded before anyone verifies",
      { receive: () => ({ type: "event" }), form: { field: "payload" }, pages },
    ],
  ])("because it %s is not opened", (_, receiver) => {
    const unverified = expect.objectContaining({ code: "PUSH_RECEIVER_UNVERIFIED" }) as Error;
    expect(() => assertVerifies(receiver)).toThrow(unverified);
    const options = { source: { kind: "acme", name: "main" }, receiver, accept: () => Promise.resolve("fresh" as const) };
    expect(() => toFetchHandler(options)).toThrow(unverified);
  });
});

describe("a receiver with a member of another form", () => {
  test.each([
    [{ methods: "POST" }, "an object whose `methods` is a string instead of a list of HTTP methods in capitals"],
    [{ methods: ["post"] }, 'an object whose `methods` is ["post"] instead of a list of HTTP methods in capitals'],
    [{ methods: [] }, "an object whose `methods` is [] instead of a list of HTTP methods in capitals"],
    [{ storedHeaders: 5 }, "an object whose `storedHeaders` is a number instead of a list of header names in lower case"],
    [{ storedHeaders: ["X-Id"] }, 'an object whose `storedHeaders` is ["X-Id"] instead of a list of header names in lower case'],
    [{ form: { field: 5 } }, "an object whose `form` is an object instead of { field } with the name of a field"],
    [{ stores: "both" }, 'an object whose `stores` is a string instead of "event" or "trigger"'],
    [{ respond: {} }, "an object whose `respond` is an object instead of a function"],
  ])("%o is not opened", (spoiled, fault) => {
    const receiver = { ...declared, ...spoiled } as unknown as PushReceiver;
    const invalid = expect.objectContaining({ code: "PUSH_RECEIVER_INVALID", message: `the receiver is ${fault}` }) as Error;
    expect(() => assertVerifies(receiver)).toThrow(invalid);
  });
});

describe("a verification that waits", () => {
  test("admits and refuses when it is done", async () => {
    const verify = (sent: ReceivedRequest) => Promise.resolve(verifier(signature, secret)(sent));
    expect((await take({ ...declared, verify }, request("{}"))).outcome).toBe("fresh");
    expect((await take({ ...declared, verify }, request("{}", { "x-sig": "" }))).response.status).toBe(401);
  });

  test("is answered 503 with Retry-After when it cannot fetch its keys", async () => {
    const error = new ConnectorsError({ code: "OIDC_KEYS_UNAVAILABLE", message: "no keys", retryable: true });
    const { items, response, outcome } = await take({ ...declared, verify: () => Promise.reject(error) }, request("{}"));
    expect([items, response.status, response.headers?.["retry-after"], outcome]).toEqual([[], 503, "5", "unavailable"]);
  });

  test("is given up after three seconds: its signal aborts, and the answer is 503", async () => {
    const clock = new HandClock();
    let given: AbortSignal | undefined;
    const verify: PushReceiver["verify"] = (_, signal) => {
      given = signal;
      return new Promise(() => undefined);
    };
    const decided = Promise.resolve(decideWebhook({ ...declared, verify }, request("{}"), { clock })).catch(
      (error: unknown) => error,
    );
    await clock.advance(2_999);
    expect(given?.aborted).toBe(false);
    await clock.advance(1);
    expect(given?.aborted).toBe(true);
    expect(await decided).toMatchObject({ code: "PUSH_VERIFY_TIMEOUT", retryable: true });
  });

  test("has a signal that the deadline of no other delivery aborts", async () => {
    const clock = new HandClock();
    const given: AbortSignal[] = [];
    const decide = (answer: () => Promise<undefined> | undefined) => {
      const verify: PushReceiver["verify"] = (_, signal) => {
        given.push(signal);
        return answer();
      };
      void Promise.resolve(decideWebhook({ ...declared, verify }, request("{}"), { clock })).catch(() => undefined);
    };
    const never = () => new Promise<undefined>(() => undefined);
    decide(() => undefined);
    decide(never);
    await clock.advance(1_000);
    decide(never);
    decide(() => undefined);
    await clock.advance(2_000);
    expect(given.slice(1).map(({ aborted }) => aborted)).toEqual([true, false, false]);
  });
});

describe("a payload in a form", () => {
  const receiver: PushReceiver = { ...declared, form: { field: "payload" } };
  const json = JSON.stringify({ type: "event", text: "é☃ a+b & c=d %41 \u{1f600}" });
  const form = `payload=${encodeURIComponent(json)}`;
  const formType = { "content-type": "application/x-www-form-urlencoded" };
  const bodyOf = ([item]: readonly InboxItem[]) => (item?.type === "event" ? Buffer.from(item.body).toString() : undefined);

  test.each<[string, string, Record<string, string>]>([
    ["as GitHub sends it", form, formType],
    ["with a charset and in other case", form, { "content-type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8" }],
    ["without a Content-Type", form, {}],
    ["with a space as a plus", `payload=${new URLSearchParams({ "": json }).toString().slice(1)}`, formType],
    ["behind other fields", `a=1&b&${form}&payload=second`, formType],
    ["with its name encoded", `pay%6Coad=${encodeURIComponent(json)}`, formType],
    ["as plain JSON", json, { "content-type": "application/json" }],
  ])("is taken out %s: what is decided, stored and mapped is the payload", async (_, body, headers) => {
    const seen: unknown[] = [];
    const identify = (sent: ReceivedRequest) => void seen.push(typeOf(sent));
    const { items } = await take({ ...receiver, identify }, request(body, headers));
    expect([bodyOf(items), seen]).toEqual([json, ["event"]]);
  });

  test("is verified as the bytes that were sent", async () => {
    const sound = request(form, formType);
    expect((await take(receiver, { ...sound, body: Buffer.from(json) })).response.status).toBe(401);
  });

  test("that the form does not have leaves the body as it is", async () => {
    expect(bodyOf((await take(receiver, request("other=1", formType))).items)).toBe("other=1");
  });

  test("counts against the limit decoded, not as it is on the wire", async () => {
    const limit = Buffer.byteLength(json);
    expect(Buffer.byteLength(form)).toBeGreaterThan(limit * 1.3);
    expect((await take(receiver, request(form, formType), limit)).outcome).toBe("fresh");
    const { items, response } = await take(receiver, request(form, formType), limit - 1);
    expect([items, response.status, response.body]).toEqual([[], 413, `{"error":"body_too_large","limit_bytes":${limit - 1}}`]);
  });

  test("of 18 MB that is 43 MB on the wire is taken by the plain handler, and a payload over the limit is 413", async () => {
    const items: InboxItem[] = [];
    const maxBodyBytes = 18_000_000;
    const accept = async (item: InboxItem) => (items.push(item), "fresh" as const);
    const handle = toFetchHandler({ source: { kind: "acme", name: "main" }, receiver, accept, maxBodyBytes });
    const post = (payload: string, type = "application/x-www-form-urlencoded") => {
      const body = Buffer.from(type === "application/json" ? payload : `payload=${encodeURIComponent(payload)}`);
      const headers = { "content-type": type, "x-sig": createHmac("sha256", secret).update(body).digest("hex") };
      return handle(new Request("https://example.com/hook", { method: "POST", headers, body }));
    };
    const payload = (bytes: number) => `[${'{"":1},'.repeat((bytes - 9) / 7)}{"":1}]`;
    const exact = payload(17_999_995);
    expect((await post(exact)).status).toBe(200);
    expect(bodyOf(items)).toBe(exact);
    expect(Buffer.byteLength(`payload=${encodeURIComponent(exact)}`)).toBeGreaterThan(43_000_000);
    expect((await post(payload(18_000_009))).status).toBe(413);
    expect((await post(payload(18_000_009), "application/json")).status).toBe(413);
  });

  test("is read up to three times the limit on the wire, whatever it decodes to", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1_000));
      },
    });
    const handle = toFetchHandler({
      source: { kind: "acme", name: "main" },
      receiver,
      accept: async () => "fresh",
      maxBodyBytes: 10_000,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const response = await handle(new Request("https://example.com", { method: "POST", headers, body: endless, duplex: "half" }));
    expect([response.status, await response.json()]).toEqual([413, { error: "body_too_large", limit_bytes: 10_000 }]);
    expect(pulled).toBeLessThan(40);
  });

  test("reaches a receiver that decides by itself, and what it stores", async () => {
    const receive: PushReceiver["receive"] = async (sent) => ({ type: "event", id: String(typeOf(sent)) });
    const { items } = await take({ ...receiver, receive }, request(form, formType));
    expect([items[0], bodyOf(items)]).toMatchObject([{ id: "event" }, json]);
  });
});
