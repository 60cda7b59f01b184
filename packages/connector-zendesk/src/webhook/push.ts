import {
  type ConnectorContext,
  ConnectorsError,
  type Page,
  type PushReceiver,
  type ReceivedEvent,
  type ReceivedRequest,
} from "@statewave-connectors/connector-sdk";
import { toFields } from "@statewave-connectors/connector-sdk/items";
import { parseJsonBody, verifier } from "@statewave-connectors/connector-sdk/signature";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import { checkPush } from "../check.ts";
import { openClient } from "../client.ts";
import type { Story } from "../episodes/story.ts";
import { toEpisodes } from "../episodes/to-episodes.ts";
import { openDirectory } from "../names/directory.ts";
import { type OpenedEntry, rawTicketMapper } from "../pull/opened-entry.ts";
import type { ZendeskPushOptions } from "../push-options.ts";
import { waysToSignIn } from "../shared-options.ts";
import { changedTicketPages } from "./changed-ticket.ts";
import { readEnvelope, ticketIdToRead, typeOf } from "./envelope.ts";
import { withNames } from "./named-story.ts";
import { dedupIdOf, receiveForTwin, respond, signatureWithin } from "./receive.ts";

/** Opens a `[[push.zendesk]]` entry. */
export function openPush(options: ZendeskPushOptions, context: ConnectorContext): PushReceiver {
  const entry = `[[push.zendesk]] name = "${context.source.name}"`;
  const client = waysToSignIn(options) === 1 ? openClient(options, context, entry) : undefined;
  const { twin } = context;
  const receive = (request: ReceivedRequest) => receiveForTwin(request, options);
  const opened = client && { client, directory: openDirectory(client, context, 1), scope: options };
  return {
    verify: verifier(signatureWithin(options.max_age / 1_000), options.signing_secret),
    respond: (request) => respond(request, options, client !== undefined || twin !== undefined),
    identify: dedupIdOf,
    ...(client === undefined && twin !== undefined && { receive }),
    map: rawTicketMapper(options),
    check: (signal) => checkPush(client, options, { entry, twin, signal }),
    async *pages(event, signal) {
      const body = toFields(parseJsonBody(event));
      const ticketId = ticketIdToRead(body);
      if (ticketId !== undefined) return yield* pagesOfTicket(opened, ticketId, { event, entry, signal });
      if (typeOf(body) === undefined) throw bodyUnknown(entry);
      const story = readEnvelope(body);
      if (twin !== undefined && isWordlessComment(story)) return yield { episodes: [], skipped: { comment_without_words: 1 } };
      yield pageOfStory(opened === undefined ? story : await withNames(opened, story, signal), options);
    },
  };
}

/** An admin writes the body of a trigger. */
function bodyUnknown(entry: string): ConnectorsError {
  return new ConnectorsError({
    code: "ZENDESK_ITEM_UNMAPPABLE",
    message: `a webhook of ${entry} is no event of Zendesk's and names no ticket`,
    hint: 'send {"ticket_id": "{{ticket.id}}"} as the body of the trigger, then discard the dead letter',
  });
}

/** It may have attachments, which an event does not name: pull brings it with them. */
function isWordlessComment({ happenings }: Story): boolean {
  return happenings.some((happening) => happening.type === "commented" && oneLine(happening.words) === "");
}

function pageOfStory(story: Story, options: ZendeskPushOptions): Page {
  const { episodes, skipped } = toEpisodes(story, options);
  const counts: Record<string, number> = {};
  for (const reason of skipped) counts[reason] = (counts[reason] ?? 0) + 1;
  return { episodes, ...(skipped.length > 0 && { skipped: counts }) };
}

async function* pagesOfTicket(
  opened: OpenedEntry | undefined,
  ticketId: string,
  { event, entry, signal }: { readonly event: ReceivedEvent; readonly entry: string; readonly signal: AbortSignal },
): AsyncGenerator<Page, void, undefined> {
  if (opened !== undefined) return yield* changedTicketPages(opened, ticketId, event.receivedAtMs, signal);
  throw new ConnectorsError({
    code: "ZENDESK_CREDENTIALS_MISSING",
    message: `${entry} has no credentials, and a webhook says only that the ticket ${ticketId} changed`,
    hint: "set `client_id` and `client_secret` of the entry, then retry the dead letter",
  });
}
