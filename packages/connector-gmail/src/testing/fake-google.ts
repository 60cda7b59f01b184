import { fakeProvider, type FakeProvider, type ProviderAnswer } from "@statewave-connectors/testing/fake-provider";
import { FakeMailbox } from "./fake-mailbox.ts";
import { errorAnswer, FakePubsub } from "./fake-pubsub.ts";
import { FakeSignIn } from "./fake-sign-in.ts";
import { gmailRoutes } from "./gmail-routes.ts";
import type { GmailSettings } from "./gmail-settings.ts";

export interface FakeGoogleOptions extends GmailSettings {
  /** Whose mailboxes there are. Default `me@example.com`. */
  readonly addresses?: readonly string[];
  /** Mails in the first mailbox, a minute apart, the last one an hour ago. */
  readonly mails?: number;
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly nowMs?: () => number;
  /** Default 0: a free one. */
  readonly port?: number;
}

/** Gmail, Google's token endpoint, its keys and Pub/Sub over real HTTP. What they do and where that is written: README.md beside this file. */
export interface FakeGoogle extends Pick<FakeProvider, "close" | "refused" | "setFaults"> {
  /** The first mailbox. */
  readonly mailbox: FakeMailbox;
  readonly mailboxes: ReadonlyMap<string, FakeMailbox>;
  readonly signIn: FakeSignIn;
  readonly pubsub: FakePubsub;
  readonly url: string;
  readonly tokenUrl: string;
  readonly jwksUrl: string;
  readonly topic: string;
  readonly subscription: string;
  /** The options of a pull entry that reads the first mailbox. */
  readonly entry: Readonly<Record<string, string>>;
  /** The options of a pull entry that reads several mailboxes. */
  delegated(users: readonly string[]): Readonly<Record<string, unknown>>;
  /** Units that were granted since the last `forget`. */
  readonly units: number;
  /** Requests that were answered, by route. */
  readonly requests: Readonly<Record<string, number>>;
  forget(): void;
}

const minuteMs = 60_000;
const watchMs = 7 * 24 * 60 * minuteMs;
const topic = "projects/fake-project/topics/gmail";
const subscription = "projects/fake-project/subscriptions/gmail-pull";

export async function startFakeGoogle(options: FakeGoogleOptions = {}): Promise<FakeGoogle> {
  const { addresses = ["me@example.com"], mails = 0, nowMs = Date.now } = options;
  const mailboxes = new Map(addresses.map((address) => [address, new FakeMailbox(address, nowMs)]));
  const signIn = new FakeSignIn();
  for (const address of addresses) signIn.delegatedUsers.add(address);
  const pubsub = new FakePubsub(nowMs);
  pubsub.subscribe(subscription, topic);
  const watchedUntilMs = new Map<string, number>();
  const used = new Map<string, { endsAtMs: number; units: number }>();
  let units = 0;
  let requests: Record<string, number> = {};

  const notify = (mailbox: FakeMailbox) => {
    if ((watchedUntilMs.get(mailbox.address) ?? 0) <= nowMs()) return;
    const id = mailbox.historyId;
    pubsub.publish(topic, { emailAddress: mailbox.address, historyId: options.hasNumericIds === true ? Number(id) : String(id) });
  };
  const [mailbox] = mailboxes.values();
  if (mailbox === undefined) throw new Error("there is no mailbox");
  for (let at = 0; at < mails; at += 1) fill(mailbox, at, nowMs() - 60 * minuteMs - (mails - 1 - at) * minuteMs);
  for (const each of mailboxes.values()) each.onChange = () => notify(each);

  const charge = (address: string, cost: number, atMs: number): ProviderAnswer | undefined => {
    const limit = options.unitsPerMinute ?? Infinity;
    const window = used.get(address);
    const current = window === undefined || atMs >= window.endsAtMs ? { endsAtMs: atMs + minuteMs, units: 0 } : window;
    used.set(address, current);
    if (current.units + cost > limit) return overLimit(options.limitStatus ?? 403, current.endsAtMs);
    current.units += cost;
    units += cost;
    return undefined;
  };

  const isText = (form: unknown) => (typeof form === "object" && form !== null ? undefined : "the body is no form");
  const fake = await fakeProvider({
    now: nowMs,
    port: options.port ?? 0,
    isAuthorized: (headers) => signIn.tokenOf(headers["authorization"], nowMs()) !== undefined,
    log: ({ route = "none" }) => {
      requests[route] = (requests[route] ?? 0) + 1;
    },
    routes: {
      "POST /token": { isPublic: true, body: isText, answer: (request) => signIn.answerToken(request, `${fake.url}/token`) },
      "GET /oauth2/v3/certs": { isPublic: true, answer: () => signIn.jwks() },
      ...gmailRoutes({
        settings: options,
        mailbox: (address) => mailboxes.get(address),
        tokenOf: ({ headers }) => signIn.tokenOf(headers["authorization"], nowMs()),
        charge,
        watch(address, name, atMs) {
          if (name !== topic) return undefined;
          watchedUntilMs.set(address, atMs + watchMs);
          const watched = mailboxes.get(address);
          // A test notification comes at once.
          if (watched !== undefined) notify(watched);
          return atMs + watchMs;
        },
      }),
      "POST /v1/projects/:project/subscriptions/:call": {
        body: isText,
        answer({ params: { project = "", call = "" }, body, headers }) {
          const scopes = signIn.tokenOf(headers["authorization"], nowMs())?.scopes ?? [];
          if (!scopes.includes("https://www.googleapis.com/auth/pubsub")) {
            return errorAnswer(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.");
          }
          const [name = "", method = ""] = call.split(":");
          return pubsub.answer(`projects/${project}/subscriptions/${name}`, method, body as Readonly<Record<string, unknown>>);
        },
      },
      // Lets another process do what a test does by calling: a method of the first mailbox with a JSON array of arguments.
      "POST /_fake/:method": {
        isPublic: true,
        body: (body) => (Array.isArray(body) ? undefined : "the body is no list of arguments"),
        answer({ params: { method = "" }, body }) {
          if (method === "stats") return { body: { units, requests } };
          const called: unknown = Reflect.get(mailbox, method);
          if (typeof called !== "function") return { status: 404 };
          return { body: Reflect.apply(called, mailbox, body as unknown[]) ?? null };
        },
      },
    },
  });
  const urls = { base_url: fake.url, pubsub_url: fake.url };
  const { clientId: client_id, clientSecret: client_secret } = signIn;
  return {
    mailbox,
    mailboxes,
    signIn,
    pubsub,
    url: fake.url,
    tokenUrl: `${fake.url}/token`,
    jwksUrl: `${fake.url}/oauth2/v3/certs`,
    topic,
    subscription,
    entry: { ...urls, token_url: `${fake.url}/token`, client_id, client_secret, refresh_token: signIn.consent(mailbox.address) },
    delegated: (users) => ({ ...urls, service_account_key: signIn.keyFile(`${fake.url}/token`), users }),
    get units() {
      return units;
    },
    get requests() {
      return requests;
    },
    forget() {
      units = 0;
      requests = {};
    },
    refused: fake.refused,
    setFaults: (faults) => fake.setFaults(faults),
    close: () => fake.close(),
  };
}

/** Every seventh mail is the owner's answer to the one before. */
function fill(mailbox: FakeMailbox, at: number, atMs: number): void {
  if (at % 7 === 6) mailbox.send({ to: `Customer ${at} <customer-${at}@example.com>`, subject: `Re: Question ${at}`, atMs });
  else mailbox.receive({ atMs });
}

/** https://developers.google.com/workspace/gmail/api/guides/handle-errors */
function overLimit(status: 403 | 429, untilMs: number): ProviderAnswer {
  if (status === 429) {
    const message = `User-rate limit exceeded.  Retry after ${new Date(untilMs).toISOString()}`;
    return errorAnswer(429, "RESOURCE_EXHAUSTED", message, "rateLimitExceeded");
  }
  const message = "User Rate Limit Exceeded";
  return {
    status,
    body: { error: { errors: [{ domain: "usageLimits", reason: "userRateLimitExceeded", message }], code: 403, message } },
  };
}
