import { createHash, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isSignedByApp } from "./app-jwt.ts";
import { expectedEpisodes } from "./expected.ts";
import { FakeRepository } from "./fake-repository.ts";
import type { RepositoryShape } from "./repository-rows.ts";
import { answerGraphql } from "./graphql.ts";
import { answerRest, listRepositories, notFound, type RestAnswer } from "./rest.ts";

export interface FakeGithubOptions extends Partial<RepositoryShape> {
  /** The only token that is accepted. */
  readonly token?: string;
  /** Requests an hour with the token, and without. */
  readonly limits?: { readonly token: number; readonly anonymous: number };
  readonly nowMs?: () => number;
  readonly port?: number;
  /** Repositories besides the first. */
  readonly others?: readonly Partial<RepositoryShape>[];
  /** The only app that may make tokens: who it says to be, its installation and its public key. */
  readonly app?: { readonly appId: string; readonly installationId: string; readonly publicKey: KeyObject };
}

/** Something that goes wrong with the next requests that match. */
export interface GithubFault {
  /** Tried on `GET /repos/acme/widgets/issues?since=…`. */
  readonly when: RegExp;
  readonly times?: number;
  readonly answer:
    | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
    /** Never answer; close the connection at once; close it in the middle of the body. */
    | "hang"
    | "reset"
    | "cut";
}

/** GitHub's API for one repository, over real HTTP. What it does and where that is written: README.md beside this file. */
export class FakeGithub {
  readonly repository: FakeRepository;
  readonly repositories: FakeRepository[];
  readonly token: string;
  /** Every request since the last `forget`, as `METHOD path status`, the latest 10,000. */
  log: string[] = [];
  requestCount = 0;
  /** Installation tokens and when they expire. */
  readonly minted = new Map<string, number>();
  readonly #server: Server;
  readonly #options: FakeGithubOptions;
  readonly #nowMs: () => number;
  readonly #used = new Map<string, { hour: number; count: number }>();
  #faults: { fault: GithubFault; left: number }[] = [];
  #onRequest: ((asked: string) => void) | undefined;

  private constructor(options: FakeGithubOptions) {
    this.#options = options;
    this.token = options.token ?? "fake-token";
    this.#nowMs = options.nowMs ?? Date.now;
    const shapes = [options, ...(options.others ?? [])];
    this.repositories = shapes.map((shape, at) => new FakeRepository(toShape(shape, at), this.#nowMs));
    this.repository = this.repositories[0]!;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: FakeGithubOptions = {}): Promise<FakeGithub> {
    const fake = new FakeGithub(options);
    await new Promise<void>((resolve) => fake.#server.listen(options.port ?? 0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  fail(fault: GithubFault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
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
    const body = await readAll(request);
    if (url.pathname.startsWith("/_fake/")) return this.#control(url.pathname.slice(7), body, response);
    const asked = `${request.method ?? ""} ${decodeURIComponent(url.pathname + url.search)}`;
    this.#onRequest?.(asked);
    const fault = this.#takeFault(asked);
    if (fault !== undefined) return this.#misbehave(fault, asked, response);
    const { status, headers = {}, body: answer } = await this.#answer(request, url, body);
    this.#finish(request, response, { asked, status, headers, text: answer === undefined ? "" : JSON.stringify(answer) });
  }

  async #answer(request: IncomingMessage, url: URL, body: string): Promise<RestAnswer> {
    const refusal = this.#refuse(request, url);
    if (refusal !== undefined) return refusal;
    const isAuthorized = request.headers.authorization !== undefined;
    if (url.pathname === "/graphql") {
      if (request.method !== "POST") return notFound();
      if (!isAuthorized)
        return { status: 401, body: { message: "This endpoint requires you to be authenticated.", status: "401" } };
      return { status: 200, body: await answerGraphql(this.repositories, JSON.parse(body)) };
    }
    const minting = /^\/app\/installations\/([^/]+)\/access_tokens$/.exec(url.pathname)?.[1];
    if (minting !== undefined && request.method === "POST") return this.#mint(minting);
    const org = /^\/orgs\/([^/]+)\/repos$/.exec(url.pathname)?.[1]?.toLowerCase();
    if (org !== undefined) {
      const owned = this.repositories.filter(({ fullName }) => fullName.toLowerCase().startsWith(`${org}/`));
      const visible = owned.filter(({ shape }) => isAuthorized || !shape.isPrivate);
      return owned.length === 0 ? notFound() : listRepositories(visible, url.searchParams, this.url + url.pathname);
    }
    const path = /^\/(?:repos\/([^/]+\/[^/]+)|repositories\/(\d+))(\/.*)?$/.exec(url.pathname);
    const named = path?.[1];
    const repository =
      named === undefined ? this.repositories.find(({ shape }) => path?.[2] === String(shape.id)) : this.#find(named);
    if (request.method !== "GET" || repository === undefined || (repository.shape.isPrivate && !isAuthorized)) return notFound();
    const rest = path?.[3] ?? "";
    const self = `${this.url}/repositories/${repository.shape.id}${rest}`;
    if (named !== undefined && named.toLowerCase() !== repository.fullName.toLowerCase()) {
      return { status: 301, headers: { location: self + url.search }, body: { message: "Moved Permanently", url: self } };
    }
    return answerRest(repository, rest, url.searchParams, self);
  }

  /** What is wrong with a request, whatever its path is. */
  #refuse(request: IncomingMessage, url: URL): RestAnswer | undefined {
    const { "user-agent": agent, authorization, "x-github-api-version": version } = request.headers;
    if (agent === undefined || agent === "") {
      return {
        status: 403,
        body: { message: "Request forbidden by administrative rules. Please make sure your request has a User-Agent header." },
      };
    }
    if (version !== undefined && !["2022-11-28", "2026-03-10"].includes(String(version))) {
      return { status: 400, body: { message: `"${String(version)}" is not a supported version of the REST API.` } };
    }
    if (url.pathname.length > 1 && url.pathname.endsWith("/")) return notFound();
    const isApp = url.pathname.startsWith("/app/") && this.#isSignedByApp(authorization);
    if (authorization !== undefined && !isApp && !this.#isKnown(authorization)) {
      return {
        status: 401,
        body: { message: "Bad credentials", documentation_url: "https://docs.github.com/rest", status: "401" },
      };
    }
    const { remaining, limit } = this.#budget(request);
    if (remaining > 0) return undefined;
    return { status: 403, body: { message: `API rate limit exceeded for ${limit} requests an hour.`, status: "403" } };
  }

  #finish(
    request: IncomingMessage,
    response: ServerResponse,
    answer: { asked: string; status: number; headers: Readonly<Record<string, string>>; text: string },
  ): void {
    const isAuthorized = request.headers.authorization !== undefined;
    const isList = answer.status === 200 && request.method === "GET";
    // Rows alone, without the Link header: what can be relied on least. The token is part of it, as for installation tokens.
    const etag = `W/"${createHash("sha256")
      .update(`${request.headers.authorization ?? ""}\n${answer.text}`)
      .digest("hex")}"`;
    const isSame = isList && request.headers["if-none-match"] === etag;
    const status = isSame ? 304 : answer.status;
    // A 304 is free, but only to the authorized.
    if (!(isSame && isAuthorized)) this.#budgetOf(request).count += 1;
    const { limit, remaining, reset } = this.#budget(request);
    response.writeHead(status, {
      date: new Date(this.#nowMs()).toUTCString(),
      ...(isSame ? {} : { "content-type": "application/json; charset=utf-8" }),
      ...(isList ? { etag, "cache-control": `${isAuthorized ? "private" : "public"}, max-age=60, s-maxage=60` } : {}),
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, remaining)),
      "x-ratelimit-used": String(limit - remaining),
      "x-ratelimit-reset": String(reset),
      "x-ratelimit-resource": answer.asked.includes("/graphql") ? "graphql" : "core",
      ...(isAuthorized ? { "x-oauth-scopes": "repo, read:org", "x-accepted-oauth-scopes": "repo" } : {}),
      "x-github-media-type": "github.v3; format=json",
      ...answer.headers,
    });
    this.#note(`${answer.asked} ${status}`);
    response.end(isSame ? undefined : answer.text);
  }

  #misbehave(answer: GithubFault["answer"], asked: string, response: ServerResponse): void {
    this.#note(`${asked} ${typeof answer === "string" ? answer : answer.status}`);
    if (answer === "hang") return;
    if (answer === "reset") {
      response.socket?.resetAndDestroy();
      return;
    }
    if (answer === "cut") {
      response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
      response.write('[{"id": 1, "number":', () => response.socket?.destroy());
      return;
    }
    response.writeHead(answer.status, { date: new Date(this.#nowMs()).toUTCString(), ...answer.headers });
    response.end(answer.body ?? "");
  }

  /** Lets another process do what a test does by calling: `POST /_fake/<method of the repository>` with a JSON array of arguments. */
  #control(name: string, body: string, response: ServerResponse): void {
    const answer = (value: unknown) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value ?? null));
    if (name === "stats") return void answer({ requests: this.requestCount, log: this.log });
    if (name === "expected") return void answer(expectedEpisodes(this.repository));
    if (name === "forget") return void answer(this.forget());
    const method: unknown = Reflect.get(this.repository, name);
    if (typeof method !== "function") return void response.writeHead(404).end();
    answer(Reflect.apply(method, this.repository, body === "" ? [] : JSON.parse(body)));
  }

  #find(fullName: string): FakeRepository | undefined {
    return this.repositories.find((repository) => repository.isCalled(fullName));
  }

  #isKnown(authorization: string): boolean {
    const token = /^(?:Bearer|token) (.+)$/.exec(authorization)?.[1] ?? "";
    return token === this.token || (this.minted.get(token) ?? 0) > this.#nowMs();
  }

  #isSignedByApp(authorization: string | undefined): boolean {
    const { app } = this.#options;
    return app !== undefined && isSignedByApp(authorization, app, this.#nowMs());
  }

  /** An installation token that lives for an hour. */
  #mint(installationId: string): RestAnswer {
    if (installationId !== this.#options.app?.installationId) return notFound();
    const token = `ghs_fake${this.minted.size + 1}`;
    const expiresAtMs = this.#nowMs() + 3_600_000;
    this.minted.set(token, expiresAtMs);
    return { status: 201, body: { token, expires_at: new Date(expiresAtMs).toISOString().replace(".000Z", "Z") } };
  }

  #takeFault(asked: string): GithubFault["answer"] | undefined {
    const armed = this.#faults.find(({ fault, left }) => left > 0 && fault.when.test(asked));
    if (armed === undefined) return undefined;
    armed.left -= 1;
    this.#faults = this.#faults.filter(({ left }) => left > 0);
    return armed.fault.answer;
  }

  #budgetOf(request: IncomingMessage): { hour: number; count: number } {
    const who = request.headers.authorization ?? "";
    const hour = Math.floor(this.#nowMs() / 3_600_000);
    const used = this.#used.get(who);
    if (used?.hour === hour) return used;
    const fresh = { hour, count: 0 };
    this.#used.set(who, fresh);
    return fresh;
  }

  #budget(request: IncomingMessage): { limit: number; remaining: number; reset: number } {
    const { token = 5_000, anonymous = 60 } = this.#options.limits ?? {};
    const limit = request.headers.authorization === undefined ? anonymous : token;
    const { hour, count } = this.#budgetOf(request);
    return { limit, remaining: limit - count, reset: (hour + 1) * 3_600 };
  }

  #note(line: string): void {
    this.requestCount += 1;
    if (this.log.length < 10_000) this.log.push(line);
  }
}

function toShape(shape: Partial<RepositoryShape>, at: number): RepositoryShape {
  return {
    fullName: shape.fullName ?? "acme/widgets",
    id: shape.id ?? 4_711 + at,
    seed: shape.seed ?? 1 + at,
    isPrivate: shape.isPrivate ?? false,
    isArchived: shape.isArchived ?? false,
    hasIssues: shape.hasIssues ?? true,
    issues: shape.issues ?? 100,
    comments: shape.comments ?? 200,
    reviewComments: shape.reviewComments ?? 50,
    releases: shape.releases ?? 5,
    reviewsPerPull: shape.reviewsPerPull ?? 3,
    sameSecond: shape.sameSecond ?? 1,
    reopenedEvery: shape.reopenedEvery ?? 0,
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
