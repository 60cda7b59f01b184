import { fakeProvider, type FakeProvider } from "@statewave-connectors/testing/fake-provider";
import { type DeskShape, FakeDesk } from "./desk.ts";
import { freshdeskRoutes, type FreshdeskSettings } from "./routes.ts";

export interface FakeFreshdeskOptions extends Partial<DeskShape>, FreshdeskSettings {
  readonly apiKey?: string;
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly nowMs?: () => number;
  /** Default 0: a free one. */
  readonly port?: number;
}

/** Freshdesk's API of one account, over real HTTP. What it does and where that is written: README.md beside this file. */
export interface FakeFreshdesk extends Pick<FakeProvider, "close" | "refused" | "setFaults" | "stats"> {
  readonly desk: FakeDesk;
  /** What an entry's `base_url` is. */
  readonly url: string;
  readonly apiKey: string;
  /** The requests since the last `forget` that a route took, as `GET /api/v2/tickets?page=1`: the first 10,000. */
  readonly log: readonly string[];
  readonly requestCount: number;
  forget(): void;
}

const mostLogged = 10_000;

export async function startFakeFreshdesk(options: FakeFreshdeskOptions = {}): Promise<FakeFreshdesk> {
  const { apiKey = "fake-api-key", nowMs = Date.now, tickets = 0, replies = 0, agents = 2, companies = 0 } = options;
  const desk = new FakeDesk({ tickets, replies, agents, companies }, nowMs, options);
  const authorization = `Basic ${Buffer.from(`${apiKey}:X`).toString("base64")}`;
  let log: string[] = [];
  let requestCount = 0;
  const fake = await fakeProvider({
    isAuthorized: (headers) => headers["authorization"] === authorization,
    now: nowMs,
    port: options.port ?? 0,
    routes: {
      ...freshdeskRoutes(desk, options, (asked) => {
        requestCount += 1;
        if (log.length < mostLogged) log.push(asked);
      }),
      // Lets another process do what a test does by calling: a method of the desk with a JSON array of arguments.
      "POST /_fake/:method": {
        isPublic: true,
        body: (body) => (Array.isArray(body) ? undefined : "the body is no list of arguments"),
        answer({ params: { method = "" }, body }) {
          if (method === "stats") return { body: { requests: requestCount } };
          const called: unknown = Reflect.get(desk, method);
          if (typeof called !== "function") return { status: 404 };
          return { body: Reflect.apply(called, desk, body as unknown[]) ?? null };
        },
      },
    },
  });
  return {
    desk,
    url: fake.url,
    apiKey,
    refused: fake.refused,
    get log() {
      return log;
    },
    get requestCount() {
      return requestCount;
    },
    forget() {
      log = [];
      requestCount = 0;
    },
    setFaults: (faults) => fake.setFaults(faults),
    stats: () => fake.stats(),
    close: () => fake.close(),
  };
}
