import {
  integer,
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderRoute,
  type ProviderRoutes,
  text,
} from "@statewave-connectors/testing/fake-provider";
import type { FakeMailbox, FakeRecord } from "./fake-mailbox.ts";
import { attachmentData, type FakeMessage, messageJson } from "./fake-message.ts";
import { errorAnswer } from "./fake-pubsub.ts";
import type { FakeToken } from "./fake-sign-in.ts";
import type { GmailSettings } from "./gmail-settings.ts";
import { searchTest } from "./search-query.ts";

/** What the routes need of the rest of the fake. */
export interface GmailBackend {
  readonly settings: GmailSettings;
  nowMs(): number;
  mailbox(address: string): FakeMailbox | undefined;
  tokenOf(request: ProviderRequest): FakeToken | undefined;
  /** Called for each list of messages, before it is made. */
  onList(): void;
  /** Counts units; a refusal where they are used up. */
  charge(address: string, units: number, nowMs: number): ProviderAnswer | undefined;
  /** Until when a mailbox is watched, epoch milliseconds; undefined: there is no such topic. */
  watch(address: string, topic: string, nowMs: number): number | undefined;
}

const scopeBase = "https://www.googleapis.com/auth/gmail.";
const readScopes: ReadonlySet<string> = new Set([`${scopeBase}readonly`, `${scopeBase}modify`, "https://mail.google.com/"]);
const historyTypes = ["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"];
const historyLists: Readonly<Record<string, FakeRecord["type"]>> = {
  messageAdded: "messagesAdded",
  messageDeleted: "messagesDeleted",
  labelAdded: "labelsAdded",
  labelRemoved: "labelsRemoved",
};

const notFound = errorAnswer(404, "NOT_FOUND", "Requested entity was not found.", "notFound");
const badToken = errorAnswer(400, "INVALID_ARGUMENT", "Invalid pageToken", "invalidArgument");
const insufficientScopes = "Request had insufficient authentication scopes.";
const scopeMissing: ProviderAnswer = {
  status: 403,
  body: {
    error: {
      code: 403,
      message: insufficientScopes,
      errors: [{ message: "Insufficient Permission", domain: "global", reason: "insufficientPermissions" }],
      status: "PERMISSION_DENIED",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
          domain: "googleapis.com",
        },
      ],
    },
  },
};

/** Gmail's API, as far as the connector goes, strict about what it documents. */
export function gmailRoutes(backend: GmailBackend): ProviderRoutes {
  const { settings } = backend;
  const messageUnits = settings.messageUnits ?? 20;
  const asId = (id: bigint) => (settings.hasNumericIds === true ? Number(id) : String(id));

  const route = (
    units: number,
    declared: Pick<ProviderRoute, "query" | "body">,
    answer: (mailbox: FakeMailbox, request: ProviderRequest) => ProviderAnswer,
  ): ProviderRoute => ({
    ...declared,
    answer(request) {
      const opened = openMailbox(backend, request, units);
      return "refusal" in opened ? opened.refusal : answer(opened.mailbox, request);
    },
  });

  const base = "/gmail/v1/users/:user";
  const paging = { maxResults: integer({ min: 1, max: 500 }), pageToken: text() };
  return {
    [`GET ${base}/profile`]: route(1, {}, ({ address, messages, historyId }) => ({
      body: { emailAddress: address, messagesTotal: messages.size, threadsTotal: messages.size, historyId: asId(historyId) },
    })),
    [`GET ${base}/labels`]: route(1, {}, (mailbox) => ({
      body: {
        labels: [...mailbox.labels].map(([id, name]) => ({ id, name, type: id.startsWith("Label_") ? "user" : "system" })),
      },
    })),
    [`GET ${base}/messages`]: route(
      5,
      {
        query: { ...paging, q: text(), labelIds: text({ repeats: true }), includeSpamTrash: text({ oneOf: ["true", "false"] }) },
      },
      (mailbox, request) => {
        backend.onList();
        return listMessages(mailbox, { ...request, nowMs: backend.nowMs() }, settings);
      },
    ),
    [`GET ${base}/messages/:id`]: route(
      messageUnits,
      { query: { format: text({ oneOf: ["minimal", "full", "metadata"] }), metadataHeaders: text({ repeats: true }) } },
      (mailbox, { params, query }) => {
        const message = mailbox.messages.get(params["id"] ?? "");
        if (message === undefined) return notFound;
        if (mailbox.broken.has(message.id)) return errorAnswer(500, "INTERNAL", "Internal error encountered.", "backendError");
        return { body: messageJson(message, (query["format"] ?? "full") as "full" | "metadata" | "minimal", settings, asId) };
      },
    ),
    [`GET ${base}/messages/:message/attachments/:attachment`]: route(messageUnits, {}, (mailbox, { params }) => {
      const message = mailbox.messages.get(params["message"] ?? "");
      const body = message && attachmentData(message, params["attachment"] ?? "");
      return body === undefined ? notFound : { body };
    }),
    [`GET ${base}/history`]: route(
      2,
      {
        query: {
          ...paging,
          startHistoryId: {
            required: true,
            problem: (value) => (/^\d{1,20}$/.test(value) ? undefined : "is no unsigned number"),
          },
          labelId: text(),
          historyTypes: text({ oneOf: historyTypes, repeats: true }),
        },
      },
      (mailbox, request) => listHistory(mailbox, request, settings, asId),
    ),
    [`POST ${base}/watch`]: route(100, { body: watchProblem }, (mailbox, { body, nowMs }) => {
      const { topicName } = body as { readonly topicName: string };
      const expiration = backend.watch(mailbox.address, topicName, nowMs);
      if (expiration === undefined)
        return errorAnswer(404, "NOT_FOUND", "Error sending test message to Cloud PubSub: Resource not found", "notFound");
      return { body: { historyId: asId(mailbox.historyId), expiration: String(expiration) } };
    }),
  };
}

/** The mailbox that a request may read, or why it may not. */
function openMailbox(
  backend: GmailBackend,
  request: ProviderRequest,
  units: number,
): { readonly mailbox: FakeMailbox } | { readonly refusal: ProviderAnswer } {
  const token = backend.tokenOf(request);
  const { user = "", id } = request.params;
  const address = user === "me" ? token?.address : user.toLowerCase();
  if (token === undefined || address === undefined || address !== token.address) {
    return forbidden(`Delegation denied for ${token?.address ?? "the service account"}`);
  }
  const mailbox = backend.mailbox(address);
  if (mailbox === undefined) {
    return { refusal: errorAnswer(400, "FAILED_PRECONDITION", "Mail service not enabled", "failedPrecondition") };
  }
  if (backend.settings.isDisabled === true) {
    return forbidden("Gmail API has not been used in project 1234 before or it is disabled.", "accessNotConfigured");
  }
  const mayRead = token.scopes.some((scope) => readScopes.has(scope));
  if (!mayRead && !token.scopes.includes(`${scopeBase}metadata`)) return { refusal: scopeMissing };
  const refusal = backend.charge(address, units, request.nowMs);
  if (refusal !== undefined) return { refusal };
  const { q, format = "full" } = request.query;
  if (!mayRead && q !== undefined) return forbidden("Metadata scope does not support 'q' parameter");
  if (!mayRead && id !== undefined && format === "full") return forbidden("Metadata scope doesn't allow format FULL");
  return { mailbox };
}

function forbidden(message: string, reason = "forbidden"): { readonly refusal: ProviderAnswer } {
  return { refusal: errorAnswer(403, "PERMISSION_DENIED", message, reason) };
}

function watchProblem(body: unknown): string | undefined {
  const topic: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "topicName") : undefined;
  return typeof topic === "string" && /^projects\/[^/]+\/topics\/[^/]+$/.test(topic) ? undefined : "Invalid topicName";
}

function listMessages(mailbox: FakeMailbox, { query, listOf, nowMs }: ProviderRequest, settings: GmailSettings): ProviderAnswer {
  const { q = "", pageToken, includeSpamTrash } = query;
  const size = Math.min(Number(query["maxResults"] ?? 100), settings.mostListed ?? 500);
  const isFound = q.trim() === "" ? () => true : searchTest(q, { labels: mailbox.labels, nowMs });
  const isKnown = ({ arrivedMs }: FakeMessage) => q === "" || arrivedMs <= nowMs - (settings.searchLagMs ?? 0);
  const labelIds = listOf("labelIds");
  const isListed = (message: FakeMessage) =>
    labelIds.every((label) => message.labelIds.has(label)) &&
    (includeSpamTrash === "true" || (!message.labelIds.has("SPAM") && !message.labelIds.has("TRASH"))) &&
    isKnown(message) &&
    isFound(message);
  const listed = mailbox.sorted().filter((message) => isListed(message));
  const ordered = settings.order === "oldest" ? listed.toReversed() : listed;
  const from = placeOf(ordered, pageToken, settings);
  if (from === undefined) return badToken;
  const page = ordered.slice(from, from + size);
  const next = ordered[from + size] === undefined ? undefined : tokenFor(ordered, from + size, settings);
  return {
    body: {
      ...(page.length > 0 && { messages: page.map(({ id, threadId }) => ({ id, threadId })) }),
      ...(next !== undefined && { nextPageToken: next }),
      resultSizeEstimate: ordered.length,
    },
  };
}

/** Undefined: no such token was given out. */
function placeOf(
  ordered: readonly FakeMessage[],
  token: string | undefined,
  { hasOffsets, order }: GmailSettings,
): number | undefined {
  if (token === undefined) return 0;
  if (hasOffsets === true) return /^\d{1,9}$/.test(token) ? Number(token) : undefined;
  const [ms = "", id = ""] = token.split("-");
  if (!/^\d{1,15}$/.test(ms) || id === "") return undefined;
  const sign = order === "oldest" ? -1 : 1;
  const at = ordered.findIndex(
    (message) =>
      sign * (message.internalDateMs - Number(ms)) < 0 ||
      (message.internalDateMs === Number(ms) && sign * (message.id < id ? -1 : message.id > id ? 1 : 0) <= 0),
  );
  return at === -1 ? ordered.length : at;
}

function tokenFor(ordered: readonly FakeMessage[], at: number, { hasOffsets }: GmailSettings): string {
  const message = ordered[at];
  return hasOffsets === true || message === undefined ? String(at) : `${message.internalDateMs}-${message.id}`;
}

function listHistory(
  mailbox: FakeMailbox,
  { query, listOf }: ProviderRequest,
  settings: GmailSettings,
  asId: (id: bigint) => unknown,
): ProviderAnswer {
  const { startHistoryId = "", pageToken, labelId } = query;
  const behind = mailbox.recordsBehind(BigInt(startHistoryId));
  if (behind === undefined) return notFound;
  const types = new Set(
    (listOf("historyTypes").length === 0 ? historyTypes : listOf("historyTypes")).map((type) => historyLists[type]),
  );
  const records = behind.filter(
    ({ type, changes }) =>
      types.has(type) && (labelId === undefined || changes.some(({ labelIds }) => labelIds.includes(labelId))),
  );
  if (pageToken !== undefined && !/^\d{1,20}$/.test(pageToken)) return badToken;
  const left = pageToken === undefined ? records : records.filter(({ id }) => id >= BigInt(pageToken));
  const size = Math.min(Number(query["maxResults"] ?? 100), settings.mostListed ?? 500);
  const page = left.slice(0, size);
  const next = left[size];
  return {
    body: {
      ...(page.length > 0 && { history: page.map((record) => recordJson(record, settings, asId)) }),
      ...(next !== undefined && { nextPageToken: String(next.id) }),
      historyId: asId(mailbox.historyId),
    },
  };
}

function recordJson(
  { id, type, changes }: FakeRecord,
  { historyHasLabels = true }: GmailSettings,
  asId: (id: bigint) => unknown,
) {
  const shown = changes.map(({ message, labelIds, changed }) => ({
    message: { id: message.id, threadId: message.threadId, ...(historyHasLabels && labelIds.length > 0 && { labelIds }) },
    ...(type.startsWith("labels") && { labelIds: changed }),
  }));
  return {
    id: asId(id),
    messages: changes.map(({ message }) => ({ id: message.id, threadId: message.threadId })),
    [type]: shown,
  };
}
