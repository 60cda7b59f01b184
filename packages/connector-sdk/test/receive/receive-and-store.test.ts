import { expect, test } from "vitest";
import type { PushReceiver } from "../../src/index.ts";
import { ignore } from "../../src/signature/index.ts";
import { receiveAndStore } from "../../src/receive/receive-and-store.ts";

/** What becomes of one request to a receiver in plain JavaScript. */
async function receive(members: object, headers: Readonly<Record<string, string>> = {}) {
  const receiver = { async *pages() {}, ...members } as unknown as PushReceiver;
  const stored: unknown[] = [];
  const intake = {
    receiver,
    source: { kind: "plain", name: "main" },
    accept: async (item: unknown) => {
      stored.push(item);
      return "fresh" as const;
    },
  };
  const request = { method: "POST", path: "/", headers, body: new Uint8Array(), receivedAtMs: 0 };
  return { ...(await receiveAndStore(intake, request)), stored };
}

const admit = () => undefined;

test("a sample is ignored as such, also where the receiver answers it without storing", async () => {
  const headers = { "x-statewave-sample": "statewave-sample-1" };
  expect(await receive({ verify: admit }, headers)).toMatchObject({ ignored: "sample", stored: [] });
  const pings = { verify: admit, respond: () => ignore("ping") };
  expect(await receive(pings, headers)).toMatchObject({ ignored: "sample", stored: [] });
  expect(await receive(pings)).toMatchObject({ ignored: "ping", stored: [] });
});

const unreadable = new Proxy(new Error("x"), {
  get: () => {
    throw new Error("no");
  },
});

test.each([
  ["decides undefined", { receive: () => undefined }, "PUSH_DECISION_INVALID", "`receive` decided undefined"],
  ["decides null", { receive: async () => null }, "PUSH_DECISION_INVALID", "`receive` decided null"],
  ["decides another type", { receive: () => ({ type: "drop" }) }, "PUSH_DECISION_INVALID", "`receive` decided the type a string"],
  ["has no response", { receive: () => ({ type: "respond" }) }, "PUSH_BAD_RESPONSE", "it is undefined"],
  [
    "responds with an object",
    { verify: admit, respond: () => ({ type: "respond", response: { status: 200, body: { ok: true } } }) },
    "PUSH_BAD_RESPONSE",
    "its body is an object instead of a text",
  ],
  [
    "responds with a number in a header",
    { receive: () => ({ type: "event", response: { status: 200, headers: { "x-n": 5 } } }) },
    "PUSH_BAD_RESPONSE",
    "its headers are no texts by name",
  ],
  ["responds later", { verify: admit, respond: async () => undefined }, "PUSH_DECISION_INVALID", "the type undefined"],
  ["identifies with a number", { verify: admit, identify: () => 5 }, "PUSH_DECISION_INVALID", "`identify` answered a number"],
  ["stores text", { receive: () => ({ type: "event", body: "text" }) }, "PUSH_DECISION_INVALID", "a body that is a string"],
  [
    "verifies with null",
    { verify: async () => null },
    "PUSH_DECISION_INVALID",
    "`verify` answered null instead of undefined or a refusal",
  ],
  ["verifies with true", { verify: () => true }, "PUSH_DECISION_INVALID", "`verify` answered true"],
  ["verifies with text", { verify: () => "wrong" }, "PUSH_DECISION_INVALID", "`verify` answered a string"],
  [
    "refuses for no known reason",
    { verify: () => ({ reason: "mood" }) },
    "PUSH_DECISION_INVALID",
    "an object whose `reason` is a string",
  ],
  [
    "throws null",
    { receive: () => Promise.reject(null) },
    "RUNNER_CONNECTOR_DEFECT",
    "the connector threw null instead of an error",
  ],
  [
    "throws what cannot be read",
    { receive: () => Promise.reject(unreadable) },
    "RUNNER_CONNECTOR_DEFECT",
    "something that cannot be read",
  ],
])("a receiver that %s is answered 500, stores nothing and is named as the cause", async (_, members, code, said) => {
  const { outcome, response, error, stored } = await receive(members);
  expect([outcome, response.status, stored]).toEqual(["failed", 500, []]);
  expect(error).toMatchObject({ code, message: expect.stringContaining(said) as string });
});

test("a receiver whose respond answers null stores the event, as with undefined", async () => {
  expect(await receive({ verify: admit, respond: () => null })).toMatchObject({ outcome: "fresh", stored: [{}] });
});
