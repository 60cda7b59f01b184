import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { type Authorizer, path, ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { aboutWatch, gmailAnswers } from "./answers.ts";
import { AttachmentBody, HistoryPage, LabelsPage, MessageHead, MessagesPage, Profile, WatchAnswer } from "./api-items.ts";
import { gmail, type Quota, quotas, units } from "./gmail.ts";
import { version } from "./version.ts";

/** Whose mailbox is read with which credentials. */
export interface MailboxApiOptions {
  readonly authorize: Authorizer;
  readonly base_url?: string | undefined;
  readonly quota?: keyof typeof quotas;
  readonly units_per_minute?: number | undefined;
  /** What to do when Google refuses the credentials. */
  readonly unauthorizedHint: string;
}

/** What a list of messages is narrowed down by. */
export interface MessageFilter {
  /** In the words of Gmail's search box. */
  readonly q?: string | undefined;
  /** A message has all of them. */
  readonly labelIds?: readonly string[] | undefined;
  /** Default false. */
  readonly includeSpamTrash?: boolean;
}

/** Which page of a list. */
export interface PageOf {
  readonly pageToken: string | undefined;
  readonly maxResults: number;
}

/** One message as text parts and names of attachments, or only its headers and first words. */
export type MessageFormat = "full" | "metadata";

/** Of a text one MiB is read. What is larger is read without its text. */
const maxAnswerBytes = 4 * 1024 * 1024;

/** Gmail's API for one mailbox. Every request counts the quota units that it takes. */
export class MailboxApi {
  readonly client: ProviderClient;
  readonly #quota: Quota;

  constructor(options: MailboxApiOptions, context: ConnectorContext) {
    const { authorize, base_url, quota = "2026", units_per_minute, unauthorizedHint } = options;
    this.#quota = quotas[quota];
    this.client = new ProviderClient({
      ...gmail,
      baseUrl: `${base_url ?? "https://gmail.googleapis.com"}/gmail/v1/users/me`,
      authorize,
      headers: { "user-agent": `statewave-connector-gmail/${version}` },
      limits: { maxBodyBytes: maxAnswerBytes },
      rate: { limit: { requests: units_per_minute ?? this.#quota.unitsPerMinute, intervalMs: 60_000 } },
      answers: gmailAnswers,
      hints: { unauthorized: unauthorizedHint },
      parameterOptions: { q: "query", labelIds: "label_ids", topicName: "topic" },
      context,
    });
  }

  /** The address of the mailbox and where its history stands. */
  async profile(signal: AbortSignal) {
    const { body, dateMs } = await this.client.get("profile", {
      schema: Profile,
      cost: units.profile,
      about: "the mailbox",
      signal,
    });
    return { mailbox: body.emailAddress, historyId: body.historyId, dateMs };
  }

  /** Ids, newest first. */
  async messages({ q, labelIds = [], includeSpamTrash, pageToken, maxResults }: MessageFilter & PageOf, signal: AbortSignal) {
    const query = { q: q === "" ? undefined : q, labelIds, includeSpamTrash, pageToken, maxResults };
    const { body } = await this.client.get("messages", {
      query,
      schema: MessagesPage,
      cost: units.list,
      about: "the messages",
      signal,
    });
    return body;
  }

  /** What happened behind an id, oldest first. */
  async history(startHistoryId: string, { pageToken, maxResults }: PageOf, historyTypes: readonly string[], signal: AbortSignal) {
    const query = { startHistoryId, historyTypes, pageToken, maxResults };
    const { body } = await this.client.get("history", {
      query,
      schema: HistoryPage,
      cost: units.history,
      about: "the history",
      signal,
    });
    return body;
  }

  async message(id: string, format: MessageFormat, signal: AbortSignal): Promise<MessageHead> {
    const options = { query: { format }, schema: MessageHead, cost: this.#quota.messageUnits, signal };
    const { body } = await this.client.get(path`messages/${id}`, options);
    return body;
  }

  /** A text that is too long to come with its message. Base64url. */
  async attachment(messageId: string, attachmentId: string, signal: AbortSignal): Promise<string> {
    const target = path`messages/${messageId}/attachments/${attachmentId}`;
    const { body } = await this.client.get(target, { schema: AttachmentBody, cost: this.#quota.messageUnits, signal });
    return body.data;
  }

  async labels(signal: AbortSignal) {
    const { body } = await this.client.get("labels", { schema: LabelsPage, cost: units.labels, about: "the labels", signal });
    return body.labels;
  }

  /** Has Gmail notify a topic of every change for a week, from the next one on; a notification comes at once. */
  async watch(topicName: string, signal: AbortSignal): Promise<{ readonly expiresAtMs: number }> {
    const options = { body: { json: { topicName } }, schema: WatchAnswer, cost: units.watch, about: aboutWatch, signal };
    const { body } = await this.client.post("watch", options);
    return { expiresAtMs: body.expiration };
  }
}
