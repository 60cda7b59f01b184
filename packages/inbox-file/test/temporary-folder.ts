import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits, type Inbox, type AdapterContext } from "@statewave-connectors/connector-sdk/inbox";
import { onTestFinished } from "vitest";
import { openInbox } from "../src/index.ts";

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "inbox-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function contextOf(folder: string): AdapterContext {
  return { clock: systemClock, logger: silentLogger, baseDir: folder, stateDir: folder };
}

/** Opens the inbox file in a folder; it is closed with the test, before the folder goes. */
export async function openIn(
  folder: string,
  options: Readonly<Record<string, unknown>> = {},
  context: Partial<AdapterContext> = {},
): Promise<Inbox> {
  const inbox = await openInbox(options, defaultInboxLimits, { ...contextOf(folder), ...context });
  onTestFinished(() => inbox.close());
  return inbox;
}

export function eventOf(text: string, id?: string) {
  const body = Buffer.from(text);
  const source = { kind: "slack", name: "acme" };
  return { type: "event", source, headers: {}, body, receivedAtMs: 1, ...(id === undefined ? {} : { id }) } as const;
}
