import { ConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { toFetchHandler } from "@statewave-connectors/connector-sdk/receive";
import { verifier } from "@statewave-connectors/connector-sdk/signature";
import { fakeContext, signAs } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { ZendeskPush } from "../src/push-options.ts";
import { openPush } from "../src/webhook/push.ts";
import { signature } from "../src/webhook/receive.ts";

/** The secret that Zendesk signs test requests with before a webhook exists, used as the text that it is. */
const testSecret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

function verify(secret: string, timestamp: string, body: string, sent: string) {
  const headers = { "x-zendesk-webhook-signature": sent, "x-zendesk-webhook-signature-timestamp": timestamp };
  const request = { method: "POST", path: "/", headers, body: Buffer.from(body), receivedAtMs: Date.parse(timestamp) };
  return verifier(signature, new Secret(secret))(request);
}

describe("a signature", () => {
  test.each([
    // Of a public test, recomputed.
    { body: '{"event":"ticket.updated","id":123}', sent: "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=" },
    // Computed by hand as the documentation says.
    { body: "", sent: "wCdBvXaHttn0wRVIYctzZ9O6O0bnqWakJMEKZ9VoRWw=" },
    { body: '{"s":"é☃"}', sent: "9jKtJXxrZxT+Fzk112vq5/BLEgYbyHP+U6Q8ATgj1MA=" },
  ])("over time and $body is taken", ({ body, sent }) => {
    expect(verify(testSecret, "2021-03-25T05:09:27Z", body, sent)).toBeUndefined();
  });

  test("over body and time, as an older page of the documentation has it, is refused", () => {
    const key = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=";
    const sent = "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw=";
    expect(verify(key, "2021-07-25T10:00:00Z", '{"say": "hello"}', sent)).toMatchObject({ reason: "signature_invalid" });
  });
});

test.each([
  ["is unavailable", "INBOX_UNAVAILABLE"],
  ["is full", "INBOX_FULL"],
])("while the inbox %s, a webhook is answered 503 with a Retry-After under 60 s, which Zendesk heeds", async (_, code) => {
  const clock = new FakeClock();
  const handle = toFetchHandler({
    source: { kind: "zendesk", name: "support" },
    receiver: openPush(v.parse(ZendeskPush, { subdomain: "acme", signing_secret: "s" }), fakeContext("zendesk", { clock })),
    clock,
    accept: () => Promise.reject(new ConnectorsError({ code, message: "no room", retryable: true })),
  });
  const body = Buffer.from('{"ticket_id":"7"}');
  const headers = signAs(signature).sign({ body, secret: "s", atMs: clock.now() });
  const response = await handle(new Request("https://runner.example/", { method: "POST", body, headers }));
  const seconds = Number(response.headers.get("retry-after"));

  expect([response.status, seconds > 0, seconds < 60]).toEqual([503, true, true]);
});
