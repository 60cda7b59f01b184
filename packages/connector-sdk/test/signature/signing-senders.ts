import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { basic, ed25519, hmac, type Signature, standardWebhooks, token } from "../../src/signature/index.ts";

type Headers = Readonly<Record<string, string>>;

/** One provider's way to prove a request, made by hand and not by the code under test. */
export interface Sender {
  readonly name: string;
  readonly signature: Signature;
  readonly secret: string;
  /** The header with the proof. */
  readonly header: string;
  readonly send: (body: string, atMs: number) => Headers;
  /** Nothing of the body is proved: a token is as good for another one. */
  readonly covers: "request" | "nothing";
  readonly toleranceSeconds?: number;
  /** What of the header may be in the other case without another meaning. */
  readonly ignoresCaseOf?: "proof" | "prefix";
}

const secretOption = "signing_secret";
const secret = "a shared s3cret/with+signs=";
const hex = (algorithm: string, key: string | Buffer, text: string) => createHmac(algorithm, key).update(text).digest("hex");
const base64 = (algorithm: string, key: string | Buffer, text: string) =>
  createHmac(algorithm, key).update(text).digest("base64");
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const rawPublicKey = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
const standardKey = Buffer.from("0123456789abcdef0123456789abcdef");

export const senders: readonly Sender[] = [
  {
    name: "hex over the body",
    signature: hmac({ header: "x-sig", algorithm: "sha256", prefix: "sha256=", secretOption }),
    secret,
    header: "x-sig",
    send: (body) => ({ "x-sig": `sha256=${hex("sha256", secret, body)}` }),
    covers: "request",
    ignoresCaseOf: "proof",
  },
  {
    name: "sha512 with a hex secret",
    signature: hmac({ header: "x-sig", algorithm: "sha512", secretEncoding: "hex", secretOption }),
    secret: "c0ffee00c0ffee00",
    header: "x-sig",
    send: (body) => ({ "x-sig": hex("sha512", Buffer.from("c0ffee00c0ffee00", "hex"), body) }),
    covers: "request",
    ignoresCaseOf: "proof",
  },
  {
    name: "hex over method, header, time in milliseconds and body",
    signature: hmac({
      header: "x-sig",
      algorithm: "sha1",
      timestamp: { header: "x-time", unit: "ms", toleranceSeconds: 120 },
      signed: "{method}|{header:x-delivery}|{timestamp}|{body}",
      secretOption,
    }),
    secret,
    header: "x-sig",
    send: (body, atMs) => ({
      "x-delivery": "d1",
      "x-time": String(atMs),
      "x-sig": hex("sha1", secret, `POST|d1|${atMs}|${body}`),
    }),
    covers: "request",
    toleranceSeconds: 120,
    ignoresCaseOf: "proof",
  },
  {
    name: "base64 over an ISO time and the body",
    signature: hmac({
      header: "x-sig",
      algorithm: "sha256",
      encoding: "base64",
      timestamp: { header: "x-time", unit: "iso", toleranceSeconds: 300 },
      signed: "{timestamp}{body}",
      secretOption,
    }),
    secret,
    header: "x-sig",
    send(body, atMs) {
      const time = new Date(atMs).toISOString();
      return { "x-time": time, "x-sig": base64("sha256", secret, time + body) };
    },
    covers: "request",
    toleranceSeconds: 300,
  },
  {
    name: "a list with its time",
    signature: hmac({
      header: "x-sig",
      algorithm: "sha256",
      list: { name: "v1" },
      timestamp: { entry: "t", toleranceSeconds: 300 },
      signed: "{timestamp}.{body}",
      secretOption,
    }),
    secret,
    header: "x-sig",
    send(body, atMs) {
      const time = Math.floor(atMs / 1_000);
      return { "x-sig": `t=${time},v1=${hex("sha256", secret, `${time}.${body}`)}` };
    },
    covers: "request",
    toleranceSeconds: 300,
    ignoresCaseOf: "proof",
  },
  {
    name: "Standard Webhooks",
    signature: standardWebhooks({ secretOption }),
    secret: `whsec_${standardKey.toString("base64")}`,
    header: "webhook-signature",
    send(body, atMs) {
      const time = String(Math.floor(atMs / 1_000));
      return {
        "webhook-id": "msg_1",
        "webhook-timestamp": time,
        "webhook-signature": `v1,${base64("sha256", standardKey, `msg_1.${time}.${body}`)}`,
      };
    },
    covers: "request",
    toleranceSeconds: 300,
  },
  {
    name: "Standard Webhooks by Svix with a public key",
    signature: standardWebhooks({ headerPrefix: "svix", toleranceSeconds: 60, secretOption }),
    secret: `whpk_${rawPublicKey.toString("base64")}`,
    header: "svix-signature",
    send(body, atMs) {
      const time = String(Math.floor(atMs / 1_000));
      const made = sign(null, Buffer.from(`msg_1.${time}.${body}`), privateKey).toString("base64");
      return { "svix-id": "msg_1", "svix-timestamp": time, "svix-signature": `v1a,${made}` };
    },
    covers: "request",
    toleranceSeconds: 60,
  },
  {
    name: "Ed25519 over time and body",
    signature: ed25519({
      header: "x-sig",
      timestamp: { header: "x-time", toleranceSeconds: 300 },
      signed: "{timestamp}{body}",
      secretOption,
    }),
    secret: rawPublicKey.toString("hex"),
    header: "x-sig",
    send(body, atMs) {
      const time = String(Math.floor(atMs / 1_000));
      return { "x-time": time, "x-sig": sign(null, Buffer.from(time + body), privateKey).toString("hex") };
    },
    covers: "request",
    toleranceSeconds: 300,
    ignoresCaseOf: "proof",
  },
  {
    name: "a token",
    signature: token({ header: "x-token", secretOption }),
    secret,
    header: "x-token",
    send: () => ({ "x-token": secret }),
    covers: "nothing",
  },
  {
    name: "a bearer token",
    signature: token({ header: "authorization", prefix: "Bearer ", secretOption }),
    secret,
    header: "authorization",
    send: () => ({ authorization: `Bearer ${secret}` }),
    covers: "nothing",
    ignoresCaseOf: "prefix",
  },
  {
    name: "user and password",
    signature: basic({ user: "statewave", secretOption }),
    secret,
    header: "authorization",
    send: () => ({ authorization: `Basic ${Buffer.from(`statewave:${secret}`).toString("base64")}` }),
    covers: "nothing",
    ignoresCaseOf: "prefix",
  },
  {
    name: "a whole credential",
    signature: basic({ secretOption }),
    secret: "api-key:X",
    header: "authorization",
    send: () => ({ authorization: `Basic ${Buffer.from("api-key:X").toString("base64")}` }),
    covers: "nothing",
    ignoresCaseOf: "prefix",
  },
];
