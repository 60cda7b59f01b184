import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { basic, ed25519, hmac, type Signature, standardWebhooks, token, verifier } from "../../src/signature/index.ts";

const secretOption = "secret";
const official = "It's a Secret to Everybody";
const zendesk = hmac({
  header: "x-zendesk-webhook-signature",
  algorithm: "sha256",
  encoding: "base64",
  timestamp: { header: "x-zendesk-webhook-signature-timestamp", unit: "iso", toleranceSeconds: 300 },
  signed: "{timestamp}{body}",
  secretOption,
});
const zendeskSecret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
const zendeskTime = "2021-03-25T05:09:27Z";
const intercom = hmac({ header: "x-hub-signature", algorithm: "sha1", prefix: "sha1=", secretOption });
const standard = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", time: "1614265330", body: '{"test": 2432232314}' };

interface Vector {
  readonly name: string;
  readonly signature: Signature;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly atMs?: number;
}

/** Published by the providers or their specifications, unless the name says otherwise. */
const vectors: readonly Vector[] = [
  {
    name: "GitHub",
    signature: hmac({ header: "x-hub-signature-256", algorithm: "sha256", prefix: "sha256=", secretOption }),
    secret: official,
    headers: { "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" },
    body: "Hello, World!",
  },
  {
    name: "Jira",
    signature: hmac({ header: "x-hub-signature", algorithm: "sha256", prefix: "sha256=", secretOption }),
    secret: official,
    headers: { "x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9" },
    body: "Hello World!",
  },
  {
    name: "Slack",
    signature: hmac({
      header: "x-slack-signature",
      algorithm: "sha256",
      prefix: "v0=",
      timestamp: { header: "x-slack-request-timestamp", toleranceSeconds: 300 },
      signed: "v0:{timestamp}:{body}",
      secretOption,
    }),
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    headers: {
      "x-slack-request-timestamp": "1531420618",
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    },
    body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    atMs: 1_531_420_618_000,
  },
  ...[
    { body: '{"event":"ticket.updated","id":123}', signature: "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=" },
    { body: "", signature: "wCdBvXaHttn0wRVIYctzZ9O6O0bnqWakJMEKZ9VoRWw=" },
    { body: '{"s":"é☃"}', signature: "9jKtJXxrZxT+Fzk112vq5/BLEgYbyHP+U6Q8ATgj1MA=" },
  ].map(({ body, signature }) => ({
    name: `Zendesk's test secret over ${body === "" ? "an empty body" : body}`,
    signature: zendesk,
    secret: zendeskSecret,
    headers: { "x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": zendeskTime },
    body,
    atMs: Date.parse(zendeskTime),
  })),
  ...[
    { body: '{"b":"é☃"}', hex: "00fce73d931d982a1af3b54b30b2c698955ca373" },
    { body: "", hex: "c6e1dd8dc805b0f8c7e1f91152a5e85e0c17f9f8" },
  ].map(({ body, hex }) => ({
    name: `Intercom's scheme over ${body === "" ? "an empty body" : body} (computed)`,
    signature: intercom,
    secret: "intercom-client-secret",
    headers: { "x-hub-signature": `sha1=${hex}` },
    body,
  })),
  {
    name: "Linear's bare hex (computed)",
    signature: hmac({ header: "linear-signature", algorithm: "sha256", secretOption }),
    secret: "lin_wh_secret",
    headers: { "linear-signature": "0e7eb538ce08f2d147d43dcc1a8d5fef4d5dd6effe602c4c11c3d2456d92c6be" },
    body: '{"action":"create","webhookTimestamp":1700000000000}',
  },
  {
    name: "Stripe's list (computed)",
    signature: hmac({
      header: "stripe-signature",
      algorithm: "sha256",
      list: { name: "v1" },
      timestamp: { entry: "t", toleranceSeconds: 300 },
      signed: "{timestamp}.{body}",
      secretOption,
    }),
    secret: "whsec_test",
    headers: {
      "stripe-signature":
        "t=1614556800,v1=0000000000000000000000000000000000000000000000000000000000000000,v1=e326b9127f526dab808bd39e79a44ab61b0dc0517386b06a7abf563ce203409b,v0=7",
    },
    body: '{"id":"evt_1"}',
    atMs: 1_614_556_800_000,
  },
  ...["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"].map((secret) => ({
    name: `Standard Webhooks with the secret ${secret.slice(0, 6)}…`,
    signature: standardWebhooks({ secretOption }),
    secret,
    headers: {
      "webhook-id": standard.id,
      "webhook-timestamp": standard.time,
      "webhook-signature":
        "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x v1, v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    body: standard.body,
    atMs: Number(standard.time) * 1_000,
  })),
  {
    name: "Standard Webhooks with a public key",
    signature: standardWebhooks({ secretOption }),
    secret: `whpk_${publicKeyOf("VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=")}`,
    headers: {
      "webhook-id": standard.id,
      "webhook-timestamp": standard.time,
      "webhook-signature":
        "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
    },
    body: standard.body,
    atMs: Number(standard.time) * 1_000,
  },
  ...rfc8032(),
  {
    name: "Basic, RFC 7617 §2",
    signature: basic({ user: "Aladdin", secretOption }),
    secret: "open sesame",
    headers: { authorization: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
    body: "",
  },
  {
    name: "Basic in UTF-8, RFC 7617 §2.1",
    signature: basic({ user: "test", secretOption }),
    secret: "123£",
    headers: { authorization: "Basic dGVzdDoxMjPCow==" },
    body: "",
  },
  {
    name: "a token",
    signature: token({ header: "x-gitlab-token", secretOption }),
    secret: "glpat word",
    headers: { "x-gitlab-token": "glpat word" },
    body: "",
  },
  {
    name: "a token in UTF-8, of which a header has the bytes",
    signature: token({ header: "x-token", secretOption }),
    secret: "schlüssel ☃",
    headers: { "x-token": Buffer.from("schlüssel ☃").toString("latin1") },
    body: "",
  },
];

/** https://www.rfc-editor.org/rfc/rfc8032#section-7.1 */
function rfc8032(): readonly Vector[] {
  const signature = ed25519({ header: "x-sig", secretOption });
  const tests = [
    {
      key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      hex: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
      key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      hex: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
    {
      key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      hex: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    },
  ];
  return tests.map(({ key, message, hex }, at) => ({
    name: `Ed25519, RFC 8032 §7.1 test ${at + 1}`,
    signature,
    secret: key,
    headers: { "x-sig": hex },
    body: Buffer.from(message, "hex"),
  }));
}

function publicKeyOf(seed: string): string {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed, "base64")]);
  const spki = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({
    format: "der",
    type: "spki",
  });
  return spki.subarray(-32).toString("base64");
}

const check = ({ signature, secret, headers, body, atMs = 0 }: Vector, secrets: readonly string[] = [secret]) =>
  verifier(
    signature,
    secrets,
  )({
    method: "POST",
    path: "/",
    headers,
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    receivedAtMs: atMs,
  });

describe("admits the vector of", () => {
  test.each(vectors)("$name", (vector) => {
    expect(check(vector)).toBeUndefined();
  });
});

describe("during a rotation", () => {
  test.each(vectors)("either secret admits the vector of $name", (vector) => {
    const another = anotherSecret(vector);
    expect([check(vector, [another, vector.secret]), check(vector, [vector.secret, another])]).toEqual([undefined, undefined]);
    expect(check(vector, [another, anotherSecret(vector, 2)])).toMatchObject({ reason: "signature_invalid" });
  });
});

function anotherSecret({ signature, secret }: Vector, number = 1): string {
  if (signature.scheme === "ed25519") return Buffer.alloc(32, number).toString("hex");
  if (signature.scheme !== "standardWebhooks") return `another ${number}`;
  const key = Buffer.alloc(32, number).toString("base64");
  return secret.startsWith("whpk_") ? `whpk_${key}` : `whsec_${key}`;
}

test("refuses what an older page of Zendesk's signs: body before time", () => {
  const refusal = check({
    name: "reversed",
    signature: zendesk,
    secret: "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=",
    headers: {
      "x-zendesk-webhook-signature": "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw=",
      "x-zendesk-webhook-signature-timestamp": "2021-07-25T10:00:00Z",
    },
    body: '{"say": "hello"}',
    atMs: Date.parse("2021-07-25T10:00:00Z"),
  });
  expect(refusal).toMatchObject({ reason: "signature_invalid" });
});

test("an Ed25519 key is read as hex, base64 and PEM, over time and body as Discord signs", () => {
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const pem = createPublicKey(key).export({ format: "pem", type: "spki" }).toString();
  const signature = ed25519({
    header: "x-signature-ed25519",
    timestamp: { header: "x-signature-timestamp", toleranceSeconds: 60 },
    signed: "{timestamp}{body}",
    secretOption: "public_key",
  });
  const headers = {
    "x-signature-ed25519": sign(null, Buffer.from('1700000000{"type":1}'), key).toString("hex"),
    "x-signature-timestamp": "1700000000",
  };
  for (const secret of [spki.subarray(-32).toString("hex"), spki.subarray(-32).toString("base64"), pem]) {
    const vector = { name: "Discord", signature, secret, headers, body: '{"type":1}', atMs: 1_700_000_060_000 };
    expect(check(vector)).toBeUndefined();
    expect(check({ ...vector, atMs: 1_700_000_061_000 })).toMatchObject({ reason: "timestamp_stale", skewMs: 61_000 });
  }
});
