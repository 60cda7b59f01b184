import {
  type CheckResult,
  type ConnectorContext,
  ConnectorsError,
  type Page,
  type PushReceiver,
  type ReceivedEvent,
} from "@statewave-connectors/connector-sdk";
import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { withMemories } from "@statewave-connectors/connector-sdk/memory";
import { parseJsonBody, verifier } from "@statewave-connectors/connector-sdk/signature";
import { checkPush } from "../check.ts";
import { SlackClient } from "../client.ts";
import { unmappable } from "../episodes/occurrence.ts";
import { type Directory, openDirectory } from "../names/directory.ts";
import { type SlackNames, noNames } from "../names/names.ts";
import type { SlackPushOptions } from "../push-options.ts";
import { judge, needsNames, toEpisodes } from "./map-event.ts";
import { eventIdOf, respond, signature } from "./receive.ts";
import { Workspaces } from "./workspaces.ts";

/** How long an event waits for names in one attempt: well within the runner's 30 s for a mapping. */
const patienceMs = 10_000;
/** Channels name people in their turn: the other party of a DM. */
const rounds = 2;
const maxLookUps = 50;
/** How long after its arrival an event may wait for names. After that its ids are used. */
const longestDelayMs = 60_000;
/** A rate limit that is over sooner is waited for. */
const shortLimitMs = 30_000;

/** Opens a `[[push.slack]]` entry. */
export function openPush(options: SlackPushOptions, context: ConnectorContext): PushReceiver {
  const { logger, source } = context;
  const entry = `[[push.slack]] name = "${source.name}"`;
  const { base_url: baseUrl, bot_token: token } = options;
  const client = token === undefined ? undefined : new SlackClient(baseUrl, token, entry, context);
  const directory = client === undefined ? undefined : openDirectory(client, context, 1);
  const check = (signal: AbortSignal): Promise<readonly CheckResult[]> =>
    client === undefined || directory === undefined
      ? Promise.resolve([{ ok: true, message: `${entry} has no bot_token: people and channels appear by id` }])
      : checkPush({ client, directory, wanted: options, signal });
  const workspaces = new Workspaces(context.reportHealth, logger);
  return {
    check,
    verify: verifier(signature, options.signing_secret),
    respond: (request) => respond(request, options, workspaces),
    identify: eventIdOf,
    async *pages(event, signal) {
      yield await toPage(event, { options, context, directory, entry }, signal);
    },
  };
}

interface Opened {
  readonly options: SlackPushOptions;
  readonly context: ConnectorContext;
  readonly directory: Directory | undefined;
  readonly entry: string;
}

/** Maps an event to one episode or none, or to two: the first reply in a thread may bring along the message that it replies to. */
async function toPage(event: ReceivedEvent, opened: Opened, signal: AbortSignal): Promise<Page> {
  const delivery = toFields(parseJsonBody(event));
  if (delivery === undefined) throw unmappable("is not a JSON object");
  const uses = (known: SlackNames) => needsNames(delivery, toEpisodes(delivery, opened.options, known));
  const found = await opened.directory?.namesFor({ uses, most: maxLookUps, rounds, patienceMs, signal });
  assertUnlimited(event, found?.error, opened);
  const names = found?.names ?? noNames;
  const mapped = toEpisodes(delivery, opened.options, names);
  if (typeof mapped === "string") return { episodes: [], skipped: { [mapped]: 1 } };
  assertJudged(delivery, names, opened);
  return { episodes: withMemories(mapped, opened.options.memories) };
}

/** Throws for a rate limit that ends in time: the event is mapped then. */
function assertUnlimited({ receivedAtMs }: ReceivedEvent, error: ConnectorsError | undefined, { context, entry }: Opened): void {
  const retryAtMs = error?.retryAtMs;
  if (retryAtMs === undefined || retryAtMs - context.clock.now() > shortLimitMs || retryAtMs - receivedAtMs > longestDelayMs)
    return;
  throw new ConnectorsError({
    code: "SLACK_RATE_LIMITED",
    message: `Slack limits looking up names for ${entry}; the event is mapped after ${new Date(retryAtMs).toISOString()}`,
    retryAtMs,
  });
}

/** Neither kept against the operator's wish nor lost: an event whose channel's name is unknown waits until it is known. */
function assertJudged(delivery: Fields, names: SlackNames, { options, entry }: Opened): void {
  const judged = judge(delivery, options, names);
  if (judged?.isWanted !== "unknown") return;
  throw new ConnectorsError({
    code: "SLACK_CHANNEL_UNNAMED",
    message: `${entry} names its channels, and the name of ${judged.channel} is unknown`,
    hint: "add the scopes channels:read and groups:read, which let the app see names, or list the channel by its id",
    retryable: true,
  });
}
