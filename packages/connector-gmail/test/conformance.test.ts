import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describeConnector, describeReceiver } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { exportJWK } from "jose";
import { describe } from "vitest";
import { connector } from "../src/index.ts";
import { type FakeGoogle, startFakeGoogle } from "../src/testing/index.ts";
import { plenty } from "./open-google.ts";

const isList = ({ url }: { readonly url: URL }) => url.pathname.endsWith("/messages");

const provider = {
  // The token, the profile, a list of ids and 25 messages.
  maxRequestsPerPage: 30,
  rateLimited: () =>
    Response.json(
      {
        error: {
          code: 403,
          message: "User Rate Limit Exceeded",
          errors: [{ reason: "userRateLimitExceeded", domain: "usageLimits" }],
        },
      },
      { status: 403 },
    ),
  unauthorized: () =>
    Response.json({ error: { code: 401, message: "Invalid Credentials", errors: [{ reason: "authError" }] } }, { status: 401 }),
  isToken: ({ url }: { readonly url: URL }) => url.pathname === "/token",
};
const lists = { items: "messages", next: "nextPageToken", size: "maxResults", isFor: isList };

/** Another program's message in the topic that Gmail notifies; what is not acknowledged comes again at once. */
function strangeIn({ pubsub, topic, subscription }: FakeGoogle) {
  pubsub.ackDeadlineMs = 0;
  pubsub.publish(topic, { order: 7 });
  return { isHeld: () => pubsub.unacknowledged(subscription) > 0 };
}

const texts = (fake: FakeGoogle, address: string) => fake.mailboxes.get(address) ?? fake.mailbox;

async function rawItems(fake: FakeGoogle, address: string, part: string) {
  const mailbox = texts(fake, address);
  const token = await (
    await fetch(fake.tokenUrl, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        client_id: fake.signIn.clientId,
        client_secret: fake.signIn.clientSecret,
        refresh_token: fake.signIn.consent(address),
      }),
    })
  ).json();
  const headers = { authorization: `Bearer ${(token as { access_token: string }).access_token}` };
  const messages = await Promise.all(
    mailbox.sorted().map(async ({ id }) => {
      const answer = await fetch(`${fake.url}/gmail/v1/users/me/messages/${id}?format=full`, { headers });
      return { id: `${part}/${id}`, raw: { mailbox: address, message: await answer.json() } };
    }),
  );
  return messages;
}

describe("one mailbox", () => {
  describeConnector({
    connector,
    provider: { ...provider, lists },
    async open() {
      const clock = new FakeClock();
      const fake = await startFakeGoogle({ nowMs: () => clock.now(), mails: 52, mostListed: 26 });
      fake.signIn.scopes = [...fake.signIn.delegatedScopes];
      return {
        options: { ...fake.entry, ...plenty, topic: fake.topic, subscription: fake.subscription },
        clock,
        maxEpisodesPerPage: 25,
        rawItems: () => rawItems(fake, fake.mailbox.address, "mailbox"),
        absentId: "mailbox/18c0000000000000",
        // Its time is no number.
        breakOne: () => void Object.assign(fake.mailbox.sorted()[7] ?? {}, { internalDateMs: "soon" }),
        addOne: (at) => void fake.mailbox.receive({ atMs: at.getTime() }),
        news: () => void fake.mailbox.receive(),
        strange: () => strangeIn(fake),
        close: () => fake.close(),
      };
    },
  });
});

describe("the mailboxes of a domain", () => {
  const users = ["ann@example.com", "ben@example.com", "cid@example.com"];
  let current: FakeGoogle | undefined;
  describeConnector({
    connector,
    provider: {
      ...provider,
      maxRequestsPerPage: 40,
      part: ({ headers }) => current?.signIn.tokenOf(headers.get("authorization") ?? undefined, 0)?.address,
    },
    async open() {
      const clock = new FakeClock();
      const fake = await startFakeGoogle({ nowMs: () => clock.now(), addresses: users });
      current = fake;
      for (const [at, mailbox] of [...fake.mailboxes.values()].entries()) {
        // The first one has two pages.
        const mails = at === 0 ? 26 : 12;
        for (let count = 0; count < mails; count += 1) mailbox.receive({ atMs: clock.now() - (count * 3 + at + 1) * 60_000 });
      }
      return {
        options: { ...fake.delegated(users), ...plenty, topic: fake.topic, subscription: fake.subscription },
        clock,
        maxEpisodesPerPage: 25,
        rawItems: async () => (await Promise.all(users.map((user) => rawItems(fake, user, user)))).flat(),
        addOne: (at) => void fake.mailbox.receive({ atMs: at.getTime() }),
        close: () => fake.close(),
      };
    },
  });
});

/** The suite's secrets are words: each stands for a key pair of the issuer. */
const keys = new Map<string, KeyObject>();
function keyOf(secret: string): KeyObject {
  const key = keys.get(secret) ?? generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
  keys.set(secret, key);
  return key;
}
const kidOf = (secret: string) => createHash("sha256").update(secret).digest("hex").slice(0, 16);

const email = "pusher@fake-project.iam.gserviceaccount.com";
const audience = "https://hooks.example.com/gmail/inbox/events";
/** What the issuer publishes: the keys of the entry that was opened last. */
let published: readonly string[] = [];

const data = Buffer.from('{"emailAddress": "user@example.com", "historyId": "1234567890"}').toString("base64");
const wrapped = (message: unknown) => JSON.stringify({ message, subscription: "projects/p/subscriptions/s" });

describeReceiver({
  connector,
  capabilities: { signatureHeader: "authorization", toleranceSeconds: 60, secrets: 2, proves: "sender", fetchesKeys: true },
  options(secrets) {
    published = secrets;
    return { oidc: { audience, expected_emails: [email], jwks_uri: "https://issuer.example.com/certs" } };
  },
  sign({ secret, atMs }) {
    const at = Math.floor(atMs / 1_000);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { iss: "https://accounts.google.com", aud: audience, email, email_verified: true, iat: at, exp: at };
    const statement = `${part({ alg: "RS256", kid: kidOf(secret), typ: "JWT" })}.${part(claims)}`;
    return {
      authorization: `Bearer ${statement}.${sign("sha256", Buffer.from(statement), keyOf(secret)).toString("base64url")}`,
    };
  },
  samples: [
    { name: "a mailbox changed", body: wrapped({ data, messageId: "1" }), received: "trigger", id: "1" },
    { name: "in Pub/Sub's other spelling", body: wrapped({ data, message_id: "2" }), received: "trigger", id: "2" },
    {
      name: "unwrapped, with metadata",
      body: '{"emailAddress":"user@example.com","historyId":9876543210}',
      headers: { "x-goog-pubsub-message-id": "3" },
      received: "trigger",
      id: "3",
    },
  ],
  fetch: async () => {
    const jwks = await Promise.all(
      published.map(async (secret) => ({ ...(await exportJWK(keyOf(secret))), kid: kidOf(secret), alg: "RS256", use: "sig" })),
    );
    return Response.json({ keys: jwks.map(({ kty, n, e, kid, alg, use }) => ({ kty, n, e, kid, alg, use })) });
  },
});
