import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits, type Inbox, type InboxItem, type InboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import { openInbox } from "../src/index.ts";

/** The server that the tests were given. Without one they are skipped; the set-up has said so, and in CI has ended the run. */
export const testUrl = process.env["TEST_REDIS_URL"] ?? "";

export const slack = { kind: "slack", name: "acme" };

/** A key prefix that no other test uses. */
export function freshPrefix(): string {
  return `test:${process.pid}-${Math.random().toString(36).slice(2)}:`;
}

export function openTestInbox(
  options: { readonly url: string; readonly key_prefix?: string; readonly require_durable?: boolean },
  {
    logger = silentLogger,
    clock = systemClock,
    ...limits
  }: Partial<InboxLimits> & { readonly logger?: Logger; readonly clock?: Clock } = {},
): Promise<Inbox> {
  const context = { clock, logger, baseDir: "/", stateDir: "/" };
  return openInbox(options, { ...defaultInboxLimits, ...limits }, context);
}

export function event(text: string, overrides: { readonly id?: string; readonly source?: typeof slack } = {}): InboxItem {
  return { type: "event", source: slack, headers: {}, body: Buffer.from(text), receivedAtMs: 1_767_225_600_000, ...overrides };
}

/** What a consumer was handed, by text; it settles everything as done. */
export function collect(inbox: Inbox): { readonly texts: string[]; readonly until: (count: number) => Promise<void> } {
  const texts: string[] = [];
  let onText: () => void = () => undefined;
  inbox.consume(async ({ item }) => {
    texts.push(item.type === "event" ? Buffer.from(item.body).toString() : item.type);
    onText();
    return { type: "done" };
  });
  return {
    texts,
    until: (count) =>
      new Promise((resolve) => {
        onText = () => texts.length >= count && resolve();
        onText();
      }),
  };
}
