import { readFileSync } from "node:fs";
import type { ConnectorContext, Episode, Page, PushReceiver, ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { storageInMemory } from "@statewave-connectors/connector-sdk/store";
import { type DecidingReceiver, decidingReceiver } from "@statewave-connectors/testing";
import * as v from "valibot";
import { SlackPush } from "../src/push-options.ts";
import { connector } from "../src/index.ts";
import { signSlackRequest } from "./sign.ts";

export const secret = "8f742231b10e8888abcd99yyyzzz85a5";
/** When every test's request arrives. */
export const nowMs = 1_700_000_100_000;

const context: ConnectorContext = {
  source: { kind: "slack", name: "team" },
  baseDir: "/nowhere",
  clock: { ...systemClock, now: () => nowMs },
  random: () => 0.5,
  fetch: () => Promise.reject(new Error("this connector calls nobody")),
  logger: silentLogger,
  reportHealth: () => undefined,
  storage: storageInMemory(systemClock),
};

/** A receiver as the runner opens it: from the words of a TOML entry. Messages of tests are short: `min_length` is 0 here. */
export function openReceiver(
  entry: Record<string, unknown> = {},
  logger = silentLogger,
  world: Partial<ConnectorContext> = {},
): DecidingReceiver {
  const options = v.parse(SlackPush, { signing_secret: secret, min_length: 0, ...entry });
  return decidingReceiver(connector.push!.open(options, { ...context, logger, ...world }));
}

/** A request as Slack sends it, signed now; `overrides` spoil it. */
export function slackRequest(
  payload: unknown,
  overrides: Partial<ReceivedRequest> = {},
  signingSecret = secret,
): ReceivedRequest {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  return {
    method: "POST",
    path: "/slack/team/events",
    headers: { "content-type": "application/json", ...signSlackRequest(signingSecret, body, nowMs / 1000) },
    body: Buffer.from(body),
    receivedAtMs: nowMs,
    ...overrides,
  };
}

export interface Envelope extends Record<string, unknown> {
  readonly event: Readonly<Record<string, unknown>>;
}

export function fixture(name: string): Envelope {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as Envelope;
}

/** The documented sample of a channel message with other fields in its event and its envelope; undefined takes a field away. */
export function message(event: Record<string, unknown> = {}, envelope: Record<string, unknown> = {}): Envelope {
  const sample = fixture("message-channels");
  return { ...sample, ...envelope, event: { ...sample.event, ...event } };
}

/** What the runner gets for a stored event. */
export async function pagesOf(
  payload: unknown,
  receiver: Pick<PushReceiver, "pages"> = openReceiver(),
): Promise<readonly Page[]> {
  const body = typeof payload === "string" ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload));
  const pages: Page[] = [];
  for await (const page of receiver.pages({ headers: {}, body, receivedAtMs: nowMs }, new AbortController().signal))
    pages.push(page);
  return pages;
}

/** The one episode of a stored event. */
export async function episodeOf(payload: unknown, receiver?: Pick<PushReceiver, "pages">): Promise<Episode> {
  const episodes = (await pagesOf(payload, receiver)).flatMap((page) => page.episodes);
  if (episodes.length !== 1) throw new Error(`expected one episode, got ${episodes.length}`);
  return episodes[0]!;
}

/** What was counted instead of an episode. */
export async function skippedOf(payload: unknown, receiver?: Pick<PushReceiver, "pages">): Promise<unknown> {
  const pages = await pagesOf(payload, receiver);
  if (pages.some((page) => page.episodes.length > 0)) throw new Error("expected no episode");
  return pages.map((page) => page.skipped);
}
