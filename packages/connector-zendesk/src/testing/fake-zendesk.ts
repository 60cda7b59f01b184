import { randomUUID } from "node:crypto";
import { type FakeProvider, fakeProvider, type ProviderRoutes } from "@statewave-connectors/testing/fake-provider";
import { HelpDesk } from "./help-desk.ts";
import { type FakeSettings, zendeskRoutes } from "./routes.ts";

export interface FakeZendeskOptions extends Partial<FakeSettings> {
  /** Epoch milliseconds. Default: the machine's. */
  readonly now?: () => number;
  readonly port?: number;
  /** A static token. */
  readonly token?: string;
  /** Of an OAuth client, whose tokens live so long. Absent: until they are revoked, as of older clients. */
  readonly tokenSeconds?: number;
  /** Called for each request when it is answered. */
  readonly log?: (entry: { readonly path: string; readonly status: number | undefined }) => void;
}

/** The ways to sign in that the fake takes. */
export const fakeCredentials = {
  client_id: "statewave",
  client_secret: "fake-client-secret",
  email: "ada@acme.example",
  api_token: "fake-api-token",
} as const;

/** Zendesk for one account, over real HTTP. What it does and where that is written: README.md beside this file. */
export class FakeZendesk {
  readonly desk: HelpDesk;
  readonly provider: FakeProvider;
  /** Spoils rows of tickets and events by their ids. */
  readonly patches: Map<number, Readonly<Record<string, unknown>>>;
  readonly #issued: Set<string>;

  private constructor(
    desk: HelpDesk,
    provider: FakeProvider,
    patches: Map<number, Readonly<Record<string, unknown>>>,
    issued: Set<string>,
  ) {
    this.desk = desk;
    this.provider = provider;
    this.patches = patches;
    this.#issued = issued;
  }

  static async start(options: FakeZendeskOptions = {}): Promise<FakeZendesk> {
    const { now = Date.now, token = `token-${randomUUID()}`, port, log } = options;
    const desk = new HelpDesk(now);
    const patches = new Map<number, Readonly<Record<string, unknown>>>();
    const issued = new Set<string>();
    const settings: FakeSettings = {
      creates: true,
      sideloads: true,
      wholeSeconds: false,
      eventPageSizes: "taken",
      mostComments: Infinity,
      unknownCursor: 422,
      thinDeleted: false,
      showsDeleted: false,
      deletionSteps: false,
      mergeTags: true,
      systemId: -1,
      brandsAtOnce: false,
      ticketsPerPage: 1_000,
      eventsPerPage: 1_000,
      exportsPerMinute: 10,
      timeScale: 1,
      ...options,
    };
    desk.deletionSteps = settings.deletionSteps;
    desk.mergeTags = settings.mergeTags;
    const basic = Buffer.from(`${fakeCredentials.email}/token:${fakeCredentials.api_token}`).toString("base64");
    const provider = await fakeProvider({
      now,
      token,
      ...(port !== undefined && { port }),
      ...(log !== undefined && { log }),
      isAuthorized: ({ authorization = "" }) =>
        [`Bearer ${token}`, `Basic ${basic}`].includes(authorization) || issued.has(authorization.replace(/^Bearer /, "")),
      routes: { ...tokenRoute(issued, options.tokenSeconds), ...zendeskRoutes(desk, settings, patches) },
    });
    return new FakeZendesk(desk, provider, patches, issued);
  }

  /** What an entry's `base_url` is. */
  get url(): string {
    return this.provider.url;
  }

  get token(): string {
    return this.provider.token;
  }

  /** Takes back every token that was issued to the client. */
  revoke(): void {
    this.#issued.clear();
  }

  close(): Promise<void> {
    return this.provider.close();
  }
}

function tokenRoute(issued: Set<string>, expires_in: number | undefined): ProviderRoutes {
  return {
    "POST /oauth/tokens": {
      isPublic: true,
      body: (body) => (typeof body === "object" && body !== null ? undefined : "must be a form"),
      answer({ body }) {
        const form = body as Readonly<Record<string, unknown>>;
        const { client_id, client_secret } = fakeCredentials;
        if (form["client_id"] !== client_id || form["client_secret"] !== client_secret) {
          return { status: 401, body: { error: "invalid_client", error_description: "Client authentication failed" } };
        }
        if (form["grant_type"] !== "client_credentials") return { status: 400, body: { error: "unsupported_grant_type" } };
        const access_token = `issued-${randomUUID()}`;
        issued.add(access_token);
        return {
          body: { access_token, token_type: "bearer", scope: form["scope"], ...(expires_in !== undefined && { expires_in }) },
        };
      },
    },
  };
}
