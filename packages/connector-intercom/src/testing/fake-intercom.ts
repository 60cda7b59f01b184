import {
  type FakeProvider,
  fakeProvider,
  type FakeProviderOptions,
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderRoutes,
  text,
} from "@statewave-connectors/testing/fake-provider";
import type { Json, Raw } from "./raw.ts";
import { readSearchRequest, type SearchRequest, writeCursor } from "./search-request.ts";
import { type WorkspaceEntry, FakeWorkspace, type WorkspaceOptions } from "./workspace.ts";

export interface FakeIntercomOptions
  extends WorkspaceOptions, Pick<FakeProviderOptions, "token" | "limit" | "timeScale" | "log" | "port" | "faults"> {
  /** Whether `>` takes the named second, too: Intercom's texts say both. Default false. */
  readonly greaterIsInclusive?: boolean;
  /** So many seconds after a change the search still does not list it. Default 0. */
  readonly indexLagSeconds?: number;
  /** Whether a search counts what it finds. Default true. */
  readonly counts?: boolean;
  /** Whether answers name the version in a header. Default true. */
  readonly namesVersion?: boolean;
  /** Where the workspace is hosted. Default `US`. */
  readonly region?: string;
  /** Whether `GET /me` names no workspace, which its description allows. Default false. */
  readonly hidesApp?: boolean;
}

/** A running fake. */
export interface FakeIntercom extends FakeProvider {
  readonly workspace: FakeWorkspace;
}

const versions: ReadonlySet<string> = new Set(["2.10", "2.11", "2.12", "2.13", "2.14", "2.15", "2.16"]);
/** A conversation is given with its newest parts only. */
export const mostParts = 500;

/** Intercom's API for one workspace, over real HTTP. What it does and where that is written: README.md beside this file. */
export async function startFakeIntercom(options: FakeIntercomOptions = {}): Promise<FakeIntercom> {
  const workspace = new FakeWorkspace(options);
  const token = options.token ?? "fake-token";
  const { limit, timeScale, log, port, faults, nowMs } = options;
  const provider = await fakeProvider({
    routes: new FakeApi(workspace, token, options).routes,
    token,
    isAuthorized: () => true,
    ...(limit !== undefined && { limit }),
    ...(timeScale !== undefined && { timeScale }),
    ...(log !== undefined && { log }),
    ...(port !== undefined && { port }),
    ...(faults !== undefined && { faults }),
    ...(nowMs !== undefined && { now: nowMs }),
  });
  return { ...provider, workspace };
}

class FakeApi {
  readonly #workspace: FakeWorkspace;
  readonly #token: string;
  readonly #options: FakeIntercomOptions;

  constructor(workspace: FakeWorkspace, token: string, options: FakeIntercomOptions) {
    this.#workspace = workspace;
    this.#token = token;
    this.#options = options;
  }

  get routes(): ProviderRoutes {
    return {
      "GET /me": { answer: (request) => this.#guarded(request, () => this.#me()) },
      "POST /conversations/search": {
        body: () => undefined,
        answer: (request) => this.#guarded(request, () => this.#search(request.body)),
      },
      "GET /contacts/:id": { answer: (request) => this.#guarded(request, () => contact(request.params["id"] ?? "")) },
      "GET /conversations/:id": {
        query: { display_as: text({ oneOf: ["plaintext"] }) },
        answer: (request) => this.#guarded(request, () => this.#conversation(request.params["id"] ?? "")),
      },
    };
  }

  #guarded({ headers }: ProviderRequest, answer: () => ProviderAnswer): ProviderAnswer {
    if (headers["authorization"] !== `Bearer ${this.#token}`) return refusal(401, "unauthorized", "Access Token Invalid");
    const version = headers["intercom-version"] ?? "2.11";
    if (!versions.has(version)) return refusal(400, "intercom_version_invalid", "The requested version could not be found");
    const given = answer();
    return this.#options.namesVersion === false
      ? given
      : { ...given, headers: { ...given.headers, "intercom-version": version } };
  }

  #me(): ProviderAnswer {
    const { appId } = this.#workspace.seed;
    const app = { type: "app", id_code: appId, name: "Acme", region: this.#options.region ?? "US", timezone: "UTC" };
    return {
      body: {
        type: "admin",
        id: "991267242",
        name: "Ada",
        email: "ada@acme.example",
        app: this.#options.hidesApp === true ? null : app,
      },
    };
  }

  #search(body: unknown): ProviderAnswer {
    const request = readSearchRequest(body);
    if (typeof request === "string") return refusal(400, "parameter_invalid", request);
    const { perPage } = request;
    const rows: WorkspaceEntry[] = [];
    for (const entry of this.#found(request)) if (rows.push(entry) > perPage) break;
    const hasMore = rows.length > perPage;
    const page = rows.slice(0, perPage);
    const last = page.at(-1);
    const next = hasMore && last !== undefined ? { per_page: perPage, starting_after: writeCursor(last.at, last.id) } : null;
    return {
      body: {
        type: "conversation.list",
        conversations: page.map(({ id }) => listed(this.#workspace.conversation(id))),
        ...(this.#options.counts !== false && { total_count: this.#countOf(request) }),
        pages: { type: "pages", per_page: perPage, next },
      },
    };
  }

  /** Of the whole search, wherever its page begins. */
  #countOf({ filters }: SearchRequest): number {
    const { greaterIsInclusive = false, indexLagSeconds = 0 } = this.#options;
    const [only] = filters;
    if (filters.length === 1 && only?.field === "updated_at" && only.operator === ">") {
      const from = greaterIsInclusive ? only.value : only.value + 1;
      return this.#workspace.count(from, this.#workspace.nowSeconds - indexLagSeconds);
    }
    let count = 0;
    for (const _ of this.#found({ filters, perPage: 1, startingAfter: undefined })) count += 1;
    return count;
  }

  *#found({ filters, startingAfter }: SearchRequest): Generator<WorkspaceEntry, void, undefined> {
    const { greaterIsInclusive = false, indexLagSeconds = 0 } = this.#options;
    const passes = (value: number, { operator, value: bound }: SearchRequest["filters"][number]) =>
      operator === "<" ? value < bound : value > bound || (value === bound && (operator === "=" || greaterIsInclusive));
    const lower = filters.flatMap(({ field, operator, value }) => (field === "updated_at" && operator === ">" ? [value] : []));
    const from = Math.max(0, ...lower, startingAfter?.[0] ?? 0);
    for (const entry of this.#workspace.search(from, this.#workspace.nowSeconds - indexLagSeconds)) {
      const { id, at } = entry;
      if (startingAfter !== undefined && at === startingAfter[0] && Number(id) <= Number(startingAfter[1])) continue;
      const createdAt = () => Number(this.#workspace.conversation(id)?.["created_at"]);
      if (filters.every((filter) => passes(filter.field === "updated_at" ? at : createdAt(), filter))) yield entry;
    }
  }

  #conversation(id: string): ProviderAnswer {
    const raw = this.#workspace.conversation(id);
    return raw === undefined ? refusal(404, "not_found", "Resource Not Found") : { body: whole(raw) };
  }
}

/** As a search lists it: without its parts. */
function listed(raw: Raw | undefined): Json {
  const { parts: _, ...head } = raw ?? { parts: [] };
  return head;
}

/** As `GET /conversations/{id}` gives it. */
export function whole({ parts, ...head }: Raw): Json {
  const given = parts.slice(-mostParts);
  return {
    ...head,
    conversation_parts: { type: "conversation_part.list", conversation_parts: given, total_count: parts.length },
  };
}

function contact(id: string): ProviderAnswer {
  if (!/^[0-9a-f]{24}$/.test(id)) return refusal(404, "not_found", "User Not Found");
  return { body: { type: "contact", id, role: "user", name: `Contact ${id.slice(-4)}`, email: null } };
}

function refusal(status: number, code: string, message: string): ProviderAnswer {
  return {
    status,
    body: { type: "error.list", request_id: "a3e5b8e2-1234-5678-9abc-def012345678", errors: [{ code, message }] },
  };
}
