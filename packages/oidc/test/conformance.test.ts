import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { defineConnector } from "@statewave-connectors/connector-sdk";
import { describeReceiver } from "@statewave-connectors/testing";
import { idTokenVerifier } from "../src/index.ts";

/** The suite's secrets are words: each stands for a key pair of the issuer. */
function keyOf(secret: string): { readonly kid: string; readonly privateKey: KeyObject } {
  const seed = createHash("sha256").update(secret).digest();
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return { kid: seed.toString("hex").slice(0, 16), privateKey: createPrivateKey({ key: der, format: "der", type: "pkcs8" }) };
}

function idToken(secret: string, claims: Readonly<Record<string, unknown>>): string {
  const { kid, privateKey } = keyOf(secret);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const statement = `${part({ alg: "EdDSA", kid })}.${part(claims)}`;
  return `${statement}.${sign(null, Buffer.from(statement), privateKey).toString("base64url")}`;
}

const email = "pusher@project.iam.gserviceaccount.com";
const audience = "https://hooks.example.com/tiny";
/** What the issuer publishes: the keys of the entry that was opened last. */
let published: readonly string[] = [];

const connector = defineConnector<never>({
  kind: "tiny",
  version: "0.0.0",
  push: {
    config: { "~standard": { version: 1, vendor: "tiny", validate: (value) => ({ value }) } },
    open: (_, context) => ({
      verify: idTokenVerifier(
        {
          jwksUrl: "https://issuer.example.com/certs",
          issuers: ["https://issuer.example.com"],
          audiences: [audience],
          audienceOption: "audience",
          emails: [email],
          algorithms: ["EdDSA"],
        },
        context,
      ),
      stores: "trigger",
      async *pages() {
        yield { episodes: [] };
      },
    }),
  },
});

describeReceiver({
  connector,
  capabilities: { signatureHeader: "authorization", toleranceSeconds: 60, secrets: 2, proves: "sender", fetchesKeys: true },
  options(secrets) {
    published = secrets;
    return {};
  },
  sign({ secret, atMs }) {
    const at = Math.floor(atMs / 1_000);
    const claims = { iss: "https://issuer.example.com", aud: audience, email, email_verified: true, iat: at, exp: at };
    return { authorization: `Bearer ${idToken(secret, claims)}` };
  },
  samples: [{ name: "a mailbox changed", body: '{"message":{"data":"e30"}}', received: "trigger" }],
  fetch: () => {
    const keys = published.map((secret) => {
      const { kid, privateKey } = keyOf(secret);
      return { ...createPublicKey(privateKey).export({ format: "jwk" }), kid, alg: "EdDSA", use: "sig" };
    });
    return Promise.resolve(Response.json({ keys }));
  },
});
