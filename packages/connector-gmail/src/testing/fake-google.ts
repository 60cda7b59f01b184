import { fakeProvider, type FakeProvider, type ProviderRoute } from "@statewave-connectors/testing/fake-provider";
import { FakeMailbox } from "./fake-mailbox.ts";
import { errorAnswer, FakePubsub } from "./fake-pubsub.ts";
import { FakeQuota } from "./fake-quota.ts";
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
  /** Called before each list of messages is made; a test may replace it. */
  onList: () => void;
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
  const { nowMs = Date.now } = options;
  const mailboxes = makeMailboxes(options, nowMs);
  const [mailbox] = mailboxes.values();
  if (mailbox === undefined) throw new Error("there is no mailbox");
  const signIn = new FakeSignIn();
  for (const address of mailboxes.keys()) signIn.delegatedUsers.add(address);
  const pubsub = new FakePubsub(nowMs);
  pubsub.subscribe(subscription, topic);
  const watchedUntilMs = new Map<string, number>();
  let units = 0;
  let requests: Record<string, number> = {};

  const notify = ({ address, historyId: id }: FakeMailbox) => {
    if ((watchedUntilMs.get(address) ?? 0) <= nowMs()) return;
    pubsub.publish(topic, { emailAddress: address, historyId: options.hasNumericIds === true ? Number(id) : String(id) });
  };
  for (const each of mailboxes.values()) each.onChange = () => notify(each);

  const quota = new FakeQuota(options);
  const fake = await fakeProvider({
    now: nowMs,
    port: options.port ?? 0,
    isAuthorized: (headers) => signIn.tokenOf(headers["authorization"], nowMs()) !== undefined,
    log: ({ route = "none" }) => void (requests[route] = (requests[route] ?? 0) + 1),
    routes: {
      "POST /token": { isPublic: true, body: formProblem, answer: (request) => signIn.answerToken(request, `${fake.url}/token`) },
      "GET /oauth2/v3/certs": { isPublic: true, answer: () => signIn.jwks() },
      ...gmailRoutes({
        settings: options,
        nowMs,
        onList: () => made.onList(),
        mailbox: (address) => mailboxes.get(address),
        tokenOf: ({ headers }) => signIn.tokenOf(headers["authorization"], nowMs()),
        charge(address, cost, atMs) {
          const refusal = quota.take(address, cost, atMs);
          if (refusal === undefined) units += cost;
          return refusal;
        },
        watch(address, name, atMs) {
          if (name !== topic) return undefined;
          watchedUntilMs.set(address, atMs + watchMs);
          const watched = mailboxes.get(address);
          // A test notification comes at once.
          if (watched !== undefined) notify(watched);
          return atMs + watchMs;
        },
      }),
      "POST /v1/projects/:project/subscriptions/:call": pubsubRoute(pubsub, signIn, nowMs),
      "POST /_fake/:method": controlRoute(mailbox, () => ({ units, requests })),
    },
  });
  const made: FakeGoogle = {
    mailbox,
    mailboxes,
    onList: () => undefined,
    signIn,
    pubsub,
    url: fake.url,
    tokenUrl: `${fake.url}/token`,
    jwksUrl: `${fake.url}/oauth2/v3/certs`,
    topic,
    subscription,
    ...entriesOf(fake.url, signIn, mailbox.address),
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
  return made;
}

function entriesOf(url: string, signIn: FakeSignIn, address: string): Pick<FakeGoogle, "entry" | "delegated"> {
  const urls = { base_url: url, pubsub_url: url };
  const token_url = `${url}/token`;
  const { clientId: client_id, clientSecret: client_secret } = signIn;
  return {
    entry: { ...urls, token_url, client_id, client_secret, refresh_token: signIn.consent(address) },
    delegated: (users) => ({ ...urls, service_account_key: signIn.keyFile(token_url), users }),
  };
}

function formProblem(body: unknown): string | undefined {
  return typeof body === "object" && body !== null ? undefined : "the body is no form";
}

function pubsubRoute(pubsub: FakePubsub, signIn: FakeSignIn, nowMs: () => number): ProviderRoute {
  return {
    body: formProblem,
    answer({ params: { project = "", call = "" }, body, headers }) {
      const scopes = signIn.tokenOf(headers["authorization"], nowMs())?.scopes ?? [];
      if (!scopes.includes("https://www.googleapis.com/auth/pubsub")) {
        return errorAnswer(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.");
      }
      const [name = "", method = ""] = call.split(":");
      return pubsub.answer(`projects/${project}/subscriptions/${name}`, method, body as Readonly<Record<string, unknown>>);
    },
  };
}

/** Lets another process do what a test does by calling: a method of the first mailbox with a JSON array of arguments. */
function controlRoute(mailbox: FakeMailbox, stats: () => unknown): ProviderRoute {
  return {
    isPublic: true,
    body: (body) => (Array.isArray(body) ? undefined : "the body is no list of arguments"),
    answer({ params: { method = "" }, body }) {
      if (method === "stats") return { body: stats() };
      const called: unknown = Reflect.get(mailbox, method);
      if (typeof called !== "function") return { status: 404 };
      return { body: Reflect.apply(called, mailbox, body as unknown[]) ?? null };
    },
  };
}

function makeMailboxes({ addresses = ["me@example.com"], mails = 0 }: FakeGoogleOptions, nowMs: () => number) {
  const mailboxes = new Map(addresses.map((address) => [address, new FakeMailbox(address, nowMs)]));
  const [first] = mailboxes.values();
  for (let at = 0; at < mails; at += 1) {
    if (first !== undefined) fill(first, at, nowMs() - 60 * minuteMs - (mails - 1 - at) * minuteMs);
  }
  return mailboxes;
}

/** Every seventh mail is the owner's answer to the one before. */
function fill(mailbox: FakeMailbox, at: number, atMs: number): void {
  if (at % 7 === 6) mailbox.send({ to: `Customer ${at} <customer-${at}@example.com>`, subject: `Re: Question ${at}`, atMs });
  else mailbox.receive({ atMs });
}
