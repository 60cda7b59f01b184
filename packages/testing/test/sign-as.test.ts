import { basic, ed25519, hmac, type Signature, standardWebhooks, token } from "@statewave-connectors/connector-sdk/signature";
import { describe, expect, test } from "vitest";
import { signAs } from "../src/index.ts";
import { receiverCasesFor, runReceiverCase } from "../src/cases.ts";
import { signedSubject } from "./describe-receiver/tiny-receiver.ts";

const secretOption = "secrets";
const time = { header: "x-time", toleranceSeconds: 300 };

const signatures: readonly (readonly [string, Signature])[] = [
  ["hex over the body", hmac({ header: "x-sig", algorithm: "sha256", prefix: "sha256=", secretOption })],
  ["sha1 as GitHub's old header", hmac({ header: "x-hub-signature", algorithm: "sha1", prefix: "sha1=", secretOption })],
  [
    "base64 over an ISO time and the body, as Zendesk",
    hmac({
      header: "x-sig",
      algorithm: "sha256",
      encoding: "base64",
      timestamp: { ...time, unit: "iso" },
      signed: "{timestamp}{body}",
      secretOption,
    }),
  ],
  [
    "a list with its time, as Stripe",
    hmac({
      header: "x-sig",
      algorithm: "sha256",
      list: { name: "v1" },
      timestamp: { entry: "t", toleranceSeconds: 60 },
      signed: "{timestamp}.{body}",
      secretOption,
    }),
  ],
  [
    "a hex secret over a header and a time in milliseconds",
    hmac({
      header: "x-sig",
      algorithm: "sha512",
      secretEncoding: "hex",
      timestamp: { ...time, unit: "ms" },
      signed: "{header:x-call}.{timestamp}.{body}",
      secretOption,
    }),
  ],
  ["Standard Webhooks", standardWebhooks({ secretOption })],
  ["Standard Webhooks of Svix", standardWebhooks({ headerPrefix: "svix", toleranceSeconds: 60, secretOption })],
  ["a key pair, as Discord", ed25519({ header: "x-sig", timestamp: time, signed: "{timestamp}{body}", secretOption })],
  ["a key pair in base64", ed25519({ header: "x-sig", encoding: "base64", secretOption })],
  ["a token, as GitLab", token({ header: "x-token", secretOption })],
  ["a bearer token", token({ header: "authorization", prefix: "Bearer ", secretOption })],
  ["user and password, as Freshdesk", basic({ user: "statewave", secretOption })],
  ["a whole credential", basic({ secretOption })],
];

describe.each(signatures)("a receiver that declares %s keeps the receiver contract", (_, signature) => {
  const subject = signedSubject(signature);
  test.each(receiverCasesFor(subject.capabilities).map((each) => [each.title, each] as const))("%s", async (_title, each) => {
    await expect(runReceiverCase(each, subject)).resolves.toBeUndefined();
  });
});

test("signs what GitHub published", () => {
  const { sign } = signAs(hmac({ header: "x-hub-signature-256", algorithm: "sha256", prefix: "sha256=", secretOption }));
  const body = Buffer.from("Hello, World!");
  expect(sign({ body, secret: "It's a Secret to Everybody", atMs: 0 })).toEqual({
    "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  });
});

test("signs what Standard Webhooks published", () => {
  const { sign } = signAs(standardWebhooks({ secretOption }));
  const headers = { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek" };
  const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64").toString("latin1");
  const made = sign({ body: Buffer.from('{"test": 2432232314}'), secret, atMs: 1_614_265_330_000, headers });
  expect(Object.keys(made).toSorted()).toEqual(["webhook-id", "webhook-signature", "webhook-timestamp"]);
  expect(made).toMatchObject({ "webhook-id": headers["webhook-id"], "webhook-timestamp": "1614265330" });
});

test("refuses a sample whose signed header could be cut in two ways", () => {
  const { sign } = signAs(standardWebhooks({ secretOption }));
  const delivery = { body: Buffer.from("{}"), secret: "s", atMs: 0, headers: { "webhook-id": "msg.1" } };
  expect(() => sign(delivery)).toThrow("separates");
});
