import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import type { Episode, Logger, Page, ReceivedRequest, ReportHealth } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { storageInMemory } from "@statewave-connectors/connector-sdk/store";
import { type DecidingReceiver, decidingReceiver } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import * as v from "valibot";
import { connector, githubPushConfig } from "../src/index.ts";

export const secret = "It's a Secret to Everybody";
/** When every test's request arrives. */
export const receivedAtMs = Date.UTC(2026, 0, 31, 12);

/** The parts of an event that are looked into: all objects. */
export type Payload = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A receiver as the runner opens it: from the words of a TOML entry. */
export function openReceiver(
  entry: Record<string, unknown> = {},
  logger: Logger = silentLogger,
  reportHealth: ReportHealth = () => undefined,
): DecidingReceiver {
  const clock = new FakeClock();
  const receiver = connector.push!.open(v.parse(githubPushConfig, { secret, include_bots: true, ...entry }), {
    source: { kind: "github", name: "main" },
    baseDir: "/",
    clock,
    random: () => 0.5,
    fetch: () => Promise.reject(new Error("a receiver calls nobody")),
    logger,
    reportHealth,
    storage: storageInMemory(clock),
  });
  return decidingReceiver(receiver);
}

export function sign(body: string | Uint8Array, withSecret = secret): string {
  return `sha256=${createHmac("sha256", withSecret).update(body).digest("hex")}`;
}

/** A delivery as GitHub sends it; `headers` spoil it. */
export function githubRequest(
  event: string,
  payload: unknown,
  headers: Record<string, string | undefined> = {},
): ReceivedRequest {
  const body = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  return {
    method: "POST",
    path: "/github/main/events",
    headers: {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/044aadd",
      "x-github-event": event,
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-hub-signature-256": sign(body),
      ...headers,
    },
    body,
    receivedAtMs,
  };
}

/** What is made of a delivery that was stored. */
export async function pagesOf(event: string, payload: unknown, receiver = openReceiver()): Promise<readonly Page[]> {
  const { body } = githubRequest(event, payload);
  const pages: Page[] = [];
  const stored = { headers: { "x-github-event": event }, body, receivedAtMs };
  for await (const page of receiver.pages(stored, new AbortController().signal)) pages.push(page);
  return pages;
}

export async function episodesOf(event: string, payload: unknown): Promise<readonly Episode[]> {
  return (await pagesOf(event, payload)).flatMap((page) => page.episodes);
}

interface Example {
  readonly name: string;
  readonly examples: readonly Payload[];
}

/** What github.com sent, published by its client's makers: 329 payloads of 58 events. */
export const examples: readonly Example[] = createRequire(import.meta.url)(
  "@octokit/webhooks-examples/api.github.com/index.json",
);

/** One of them with other fields in its parts: `{ issue: { state: "closed" } }`. */
export function example(event: string, action: string | undefined, parts: Record<string, unknown> = {}): Payload {
  const found = examples.find(({ name }) => name === event)?.examples.find((payload) => Object(payload)["action"] === action);
  if (found === undefined) throw new Error(`there is no example of ${event}.${action}`);
  const isPart = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);
  const changed = Object.entries(parts).map(([name, fields]) => [name, isPart(fields) ? { ...found[name], ...fields } : fields]);
  return { ...structuredClone(found), ...Object.fromEntries(changed) };
}
