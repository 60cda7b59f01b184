import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import type { Repository } from "../repository.ts";
import { type Account, account, repositoryRow } from "../rows.ts";

/** A JSON object with unknown content. */
export type Payload = Readonly<Record<string, unknown>>;

/** A webhook's event, as far as every event is alike. */
export interface GithubDelivery {
  /** `X-GitHub-Event`. */
  readonly event: string;
  /** Undefined for events that have none, such as `push`. */
  readonly action: string | undefined;
  readonly payload: Payload;
}

/** A delivery about a repository, ready to be mapped. */
export interface RepositoryEvent extends GithubDelivery {
  readonly repository: Repository;
  /** Who did it. */
  readonly sender: Account;
  /** When it arrived here: the time of an event that has none. */
  readonly receivedAt: string;
}

/**
 * The payload in a body: JSON, or a form whose field `payload` is JSON, as former releases stored it. Undefined when it is neither.
 */
export function parsePayload(body: Uint8Array): Payload | undefined {
  // A view, not a copy: a body may have 25 MB.
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  try {
    const value: unknown = JSON.parse(text.startsWith("payload=") ? (new URLSearchParams(text).get("payload") ?? "") : text);
    return isPayload(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `issues.labeled`, or `push` for an event without actions. */
export function eventName({ event, action }: Pick<GithubDelivery, "event" | "action">): string {
  return action === undefined ? event : `${event}.${action}`;
}

/** The event that a header and a payload describe. */
export function toDelivery(event: string, payload: Payload): GithubDelivery {
  const action = payload["action"];
  return { event, action: typeof action === "string" ? action : undefined, payload };
}

/** The repository's name, in the spelling of GitHub; undefined for an organisation's event. */
export function repositoryNameOf(payload: Payload): string | undefined {
  const row = v.safeParse(repositoryRow, payload["repository"]);
  return row.success ? row.output.full_name : undefined;
}

const common = v.object({ repository: repositoryRow, sender: account });

/** @throws GITHUB_EVENT_UNMAPPABLE when it is not about a repository. */
export function toRepositoryEvent(delivery: GithubDelivery, receivedAtMs: number): RepositoryEvent {
  const { repository: row, sender } = readPayload(common, delivery);
  const host = URL.parse(row.html_url)?.host;
  if (host === undefined) throw unmappable(delivery, "repository.html_url");
  const repository = { id: row.id, fullName: row.full_name, host, configured: row.full_name };
  return { ...delivery, repository, sender, receivedAt: new Date(receivedAtMs).toISOString() };
}

/** The part of a payload that a schema describes. */
export function readPayload<Output>(schema: v.GenericSchema<unknown, Output>, delivery: GithubDelivery): Output {
  const result = v.safeParse(schema, delivery.payload, { abortEarly: true });
  if (result.success) return result.output;
  throw unmappable(delivery, v.getDotPath(result.issues[0]) ?? "payload");
}

/** A signed event of another shape than GitHub documents. It becomes a dead letter: a newer version may understand it. */
export function unmappable(delivery: Pick<GithubDelivery, "event" | "action">, where: string): ConnectorsError {
  return new ConnectorsError({
    code: "GITHUB_EVENT_UNMAPPABLE",
    message: `the GitHub event ${eventName(delivery)} has no usable \`${where}\``,
    hint: "retry the dead letter after an update of connector-github, or discard it",
  });
}

function isPayload(value: unknown): value is Payload {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
