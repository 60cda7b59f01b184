import type { ConnectorContext, Episode, Page } from "@statewave-connectors/connector-sdk";
import { fakeContext, openEntry, openReceiver } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import * as v from "valibot";
import { onTestFinished } from "vitest";
import { connector } from "../src/index.ts";
import { ZendeskPush } from "../src/push-options.ts";
import { FakeZendesk, type FakeZendeskOptions } from "../src/testing/index.ts";
import { openPush } from "../src/webhook/push.ts";

interface DeskOptions extends FakeZendeskOptions {
  /** Of the entries. */
  readonly entry?: Readonly<Record<string, unknown>>;
}

/** A fake account, and entries that read it. */
export async function openDesk({ entry = {}, ...options }: DeskOptions = {}) {
  const clock = new FakeClock();
  const requests: string[] = [];
  const fake = await FakeZendesk.start({
    now: () => clock.now(),
    exportsPerMinute: 100_000,
    log: ({ path }) => requests.push(path.slice("/api/v2/".length)),
    ...options,
  });
  onTestFinished(() => fake.close());
  const signIn = { oauth_token: fake.token, base_url: fake.url };
  const own = { subdomain: "acme", exports_per_minute: 1_000, ...signIn, ...entry };
  const { exports_per_minute: _, ...pushOwn } = own;
  return {
    clock,
    fake,
    desk: fake.desk,
    /** Paths with their queries, since the last `forget`. */
    requests,
    forget: () => void requests.splice(0),
    /** A pull entry, as in a process of its own. */
    pull: (context: Partial<ConnectorContext> = {}) => openEntry(connector, own, { clock, ...context }),
    /** A push entry as it declares itself. */
    receiver: (more: Readonly<Record<string, unknown>> = {}, context: Partial<ConnectorContext> = {}) =>
      openPush(v.parse(ZendeskPush, { ...pushOwn, signing_secret: "s", ...more }), fakeContext("zendesk", { clock, ...context })),
    /** A push entry, with or without credentials. */
    push: (more: Readonly<Record<string, unknown>> = {}, context: Partial<ConnectorContext> = {}) =>
      openReceiver(connector, { ...pushOwn, signing_secret: "s", ...more }, { clock, ...context }),
  };
}

export function episodesOf(pages: readonly Page[]): readonly Episode[] {
  return pages.flatMap(({ episodes }) => episodes);
}

export function keysOf(pages: readonly Page[]): readonly string[] {
  return episodesOf(pages).map(({ idempotency_key: key }) => key);
}

export function skippedOf(pages: readonly Page[]): Readonly<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const { skipped = {} } of pages) {
    for (const [reason, count] of Object.entries(skipped)) all[reason] = (all[reason] ?? 0) + count;
  }
  return all;
}

/** Of what an entry reads at once. */
export const minute = (at: number) => new Date(Date.UTC(2025, 5, 1, 9, at));
