import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { answerMethod, isMethod } from "./methods.ts";
import { FakeWorkspace, type WorkspaceShape } from "./workspace.ts";

const everyScope = [
  ...["channels", "groups", "im", "mpim"].flatMap((type) => [`${type}:read`, `${type}:history`]),
  "users:read",
  "usergroups:read",
];

export interface FakeSlackOptions extends Partial<WorkspaceShape> {
  readonly token?: string;
  readonly scopes?: readonly string[];
  /** An app that Slack allows one request a minute and 15 objects for history and replies. */
  readonly slowLane?: boolean;
  /** False: no limit but the slow lane. */
  readonly hasTiers?: boolean;
  readonly maxObjects?: number;
  readonly cursorTtlMs?: number;
  readonly nowMs?: () => number;
  readonly port?: number;
}

/** Something that goes wrong with the next requests that match. */
export interface SlackFault {
  /** Tried on `conversations.history channel=C1&limit=200`. */
  readonly when: RegExp;
  readonly times?: number;
  readonly answer:
    | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
    /** Never answer; close the connection at once; close it in the middle of the body. */
    | "hang"
    | "reset"
    | "cut";
}

const minuteMs = 60_000;
// https://docs.slack.dev/apis/web-api/rate-limits
const perMinute: Readonly<Record<string, number>> = {
  "conversations.list": 20,
  "conversations.info": 50,
  "conversations.history": 50,
  "conversations.replies": 50,
  "users.info": 100,
  "usergroups.list": 20,
};

/** Slack's Web API for one workspace, over real HTTP. What it does and where that is written: README.md beside this file. */
export class FakeSlack {
  readonly workspace: FakeWorkspace;
  readonly token: string;
  scopes: Set<string>;
  /** Every request since the last `forget`, as `method arguments answer`, the latest 10,000. */
  log: string[] = [];
  requestCount = 0;
  cursorTtlMs: number;
  readonly #server: Server;
  readonly #options: FakeSlackOptions;
  readonly #nowMs: () => number;
  readonly #recent = new Map<string, number[]>();
  #faults: { fault: SlackFault; left: number }[] = [];
  #onRequest: ((asked: string) => void) | undefined;

  private constructor(options: FakeSlackOptions) {
    this.#options = options;
    this.token = options.token ?? "xoxb-fake-token";
    this.scopes = new Set(options.scopes ?? everyScope);
    this.cursorTtlMs = options.cursorTtlMs ?? Number.POSITIVE_INFINITY;
    this.#nowMs = options.nowMs ?? Date.now;
    const { teamId = "T0ACME", botUserId = "U0APP", channels = 1, messages = 0, threadEvery = 0, users = 3 } = options;
    this.workspace = new FakeWorkspace({ teamId, botUserId, channels, messages, threadEvery, users }, this.#nowMs);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: FakeSlackOptions = {}): Promise<FakeSlack> {
    const fake = new FakeSlack(options);
    await new Promise<void>((resolve) => fake.#server.listen(options.port ?? 0, "127.0.0.1", resolve));
    return fake;
  }

  /** What an entry's `base_url` is. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  fail(fault: SlackFault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** Nothing goes wrong any more. */
  heal(): void {
    this.#faults = [];
  }

  /** Calls `listener` when a request has arrived, before it is answered. */
  onRequest(listener: (asked: string) => void): void {
    this.#onRequest = listener;
  }

  forget(): void {
    this.log = [];
    this.requestCount = 0;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const body = await text(request);
    if (url.pathname.startsWith("/_fake/")) return this.#control(url.pathname.slice("/_fake/".length), body, response);
    const method = url.pathname.replace(/^\/api\//, "");
    const params = new URLSearchParams(request.method === "POST" ? body : url.search);
    const asked = `${method} ${params.toString()}`;
    this.#onRequest?.(asked);
    const fault = this.#takeFault(asked);
    if (fault !== undefined) return this.#misbehave(fault, asked, response);
    const retryAfterSeconds = this.#limited(method);
    if (retryAfterSeconds !== undefined) {
      this.#note(`${asked} 429`);
      response.writeHead(429, { "retry-after": String(retryAfterSeconds) }).end('{"ok":false,"error":"ratelimited"}');
      return;
    }
    const answer = this.#answer(request, method, params);
    this.#note(`${asked} ${answer["ok"] === true ? "ok" : String(answer["error"])}`);
    const scopes = answer["error"] === "invalid_auth" ? {} : { "x-oauth-scopes": [...this.scopes].join(",") };
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...scopes }).end(JSON.stringify(answer));
  }

  #answer(request: IncomingMessage, method: string, params: URLSearchParams): Record<string, unknown> {
    const { authorization } = request.headers;
    if (!isMethod(method)) return { ok: false, error: "unknown_method" };
    if (authorization === undefined) return { ok: false, error: "not_authed" };
    if (authorization !== `Bearer ${this.token}`) return { ok: false, error: "invalid_auth" };
    return answerMethod(method, this.workspace, params, {
      scopes: this.scopes,
      nowMs: this.#nowMs,
      maxObjects: this.#options.slowLane === true ? 15 : (this.#options.maxObjects ?? 1_000),
      cursorTtlMs: this.cursorTtlMs,
    });
  }

  /** Counts a request to a method over the last minute; seconds to wait when it is one too many. */
  #limited(method: string): number | undefined {
    const isSlow = this.#options.slowLane === true && /^conversations\.(history|replies)$/.test(method);
    const most = isSlow ? 1 : this.#options.hasTiers === false ? undefined : perMinute[method];
    if (most === undefined) return undefined;
    const nowMs = this.#nowMs();
    const recent = (this.#recent.get(method) ?? []).filter((atMs) => nowMs - atMs < minuteMs);
    this.#recent.set(method, recent);
    if (recent.length >= most) return Math.ceil((recent[0]! + minuteMs - nowMs) / 1_000);
    recent.push(nowMs);
    return undefined;
  }

  #misbehave(answer: SlackFault["answer"], asked: string, response: ServerResponse): void {
    this.#note(`${asked} ${typeof answer === "string" ? answer : answer.status}`);
    if (answer === "hang") return;
    if (answer === "reset") {
      response.socket?.resetAndDestroy();
      return;
    }
    if (answer === "cut") {
      response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
      response.write('{"ok":true,"messages":[{"type":"mess', () => response.socket?.destroy());
      return;
    }
    response.writeHead(answer.status, answer.headers).end(answer.body ?? "");
  }

  /** Lets another process do what a test does by calling: `POST /_fake/<method of the workspace>` with a JSON array of arguments. */
  #control(name: string, body: string, response: ServerResponse): void {
    const answer = (value: unknown) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value ?? null));
    if (name === "stats") return void answer({ requests: this.requestCount, log: this.log });
    if (name === "forget") return void answer(this.forget());
    const method: unknown = Reflect.get(this.workspace, name);
    if (typeof method !== "function") return void response.writeHead(404).end();
    answer(Reflect.apply(method, this.workspace, body === "" ? [] : (JSON.parse(body) as unknown[])));
  }

  #takeFault(asked: string): SlackFault["answer"] | undefined {
    const armed = this.#faults.find(({ fault, left }) => left > 0 && fault.when.test(asked));
    if (armed === undefined) return undefined;
    armed.left -= 1;
    this.#faults = this.#faults.filter(({ left }) => left > 0);
    return armed.fault.answer;
  }

  #note(line: string): void {
    this.requestCount += 1;
    if (this.log.length < 10_000) this.log.push(line);
  }
}
