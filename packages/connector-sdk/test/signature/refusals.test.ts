import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { PushReceiver, Received } from "../../src/index.ts";
import { decideWebhook } from "../../src/receive/index.ts";
import { hmac, type HmacSignature, verifier } from "../../src/signature/index.ts";

const nowMs = 1_700_000_000_000;
const body = new TextEncoder().encode('{"n":1}');
const plain: HmacSignature = { header: "x-sig", algorithm: "sha256", prefix: "sha256=", secretOption: "secret" };
const timed: HmacSignature = {
  header: "x-sig",
  algorithm: "sha1",
  encoding: "base64",
  timestamp: { header: "x-time", toleranceSeconds: 300 },
  signed: "{timestamp}.{body}",
  secretOption: "signing_secret",
};

const signPlain = (secret: string) => `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
function signTimed(secret: string, offSeconds = 0): Record<string, string> {
  const time = String(nowMs / 1000 + offSeconds);
  return { "x-time": time, "x-sig": createHmac("sha1", secret).update(`${time}.`).update(body).digest("base64") };
}

const pages: PushReceiver["pages"] = async function* noPages() {
  yield { episodes: [] };
};

/** The answer of a receiver that declares this; undefined when it takes the request. */
function check(signature: HmacSignature, headers: Record<string, string>, secrets = ["s"]): Received | undefined {
  const request = { method: "POST", path: "/", headers, body, receivedAtMs: nowMs };
  const received = decideWebhook({ verify: verifier(hmac(signature), secrets), pages }, request) as Received;
  return received.type === "event" ? undefined : received;
}
const reasonOf = (...call: Parameters<typeof check>) => {
  const received = check(...call);
  return received?.type === "respond" ? received.refusal : undefined;
};

test("admits what is signed with one of the secrets", () => {
  expect(check(plain, { "x-sig": signPlain("s") })).toBeUndefined();
  expect(check(plain, { "x-sig": signPlain("old") }, ["new", "old"])).toBeUndefined();
  expect(check(timed, signTimed("s", -300))).toBeUndefined();
});

describe("names the reason of a refusal", () => {
  test.each([
    ["signature_missing", plain, {}],
    ["signature_missing", timed, { "x-time": "1700000000" }],
    ["signature_missing", timed, { "x-sig": signTimed("s")["x-sig"]! }],
    ["signature_malformed", plain, { "x-sig": "" }],
    ["signature_malformed", plain, { "x-sig": "sha1=00" }],
    ["signature_malformed", plain, { "x-sig": signPlain("s").slice(0, -1) }],
    ["signature_malformed", plain, { "x-sig": signPlain("s").slice("sha256=".length) }],
    ["signature_malformed", timed, { ...signTimed("s"), "x-time": "yesterday" }],
    ["signature_malformed", timed, { ...signTimed("s"), "x-sig": "not base64 at all, whatever it is" }],
    ["signature_invalid", plain, { "x-sig": signPlain("another") }],
    ["signature_invalid", timed, signTimed("another", 3_600)],
    ["signature_invalid", timed, signTimed("")],
  ] as const)("%s", (reason, signature, headers) => {
    expect(reasonOf(signature, headers)).toMatchObject({ reason, hint: expect.stringContaining(signature.secretOption) });
    expect(check(signature, headers)).toMatchObject({ type: "respond", response: { status: 401 } });
  });

  test.each([
    [-312, 312_000],
    [3_600, -3_600_000],
  ])("timestamp_stale, signed %i s from now: %i ms of skew", (offSeconds, skewMs) => {
    expect(reasonOf(timed, signTimed("s", offSeconds))).toMatchObject({ reason: "timestamp_stale", skewMs });
  });
});

test("an empty secret admits no request", () => {
  expect(reasonOf(plain, { "x-sig": signPlain("") }, [""])).toMatchObject({ reason: "signature_invalid" });
});
