import type { Episode, Page } from "@statewave-connectors/connector-sdk";
import { openEntry as openPullEntry, openReceiver as openPushEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { onTestFinished } from "vitest";
import { connector } from "../src/index.ts";
import { type FakeIntercom, type FakeIntercomOptions, startFakeIntercom } from "../src/testing/index.ts";

const secret = "intercom-client-secret";

let tokens = 0;

/** A token of its own for each fake: a pause of one token holds for all that use it. */
export function freshToken(): string {
  tokens += 1;
  return `token-${tokens}`;
}

export interface OpenedFake {
  readonly fake: FakeIntercom;
  readonly clock: FakeClock;
  /** The options of an entry that reads the fake. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A fake Intercom on a clock of its own; it ends with the test. */
export async function openFake(options: FakeIntercomOptions = {}): Promise<OpenedFake> {
  const clock = new FakeClock();
  const token = freshToken();
  const fake = await startFakeIntercom({ nowMs: () => clock.now(), token, ...options });
  onTestFinished(() => fake.close());
  return { fake, clock, options: { access_token: token, base_url: fake.url, app_id: fake.workspace.seed.appId } };
}

/** A fake Intercom and a pull entry that reads it; requests take time, so that the limit of the entry is not met. */
export async function openPull(options: FakeIntercomOptions = {}, entry: Readonly<Record<string, unknown>> = {}) {
  const opened = await openFake(options);
  const { clock } = opened;
  const reopen = (changed: Readonly<Record<string, unknown>> = {}, through: typeof globalThis.fetch = globalThis.fetch) => {
    const fetch: typeof globalThis.fetch = async (...request) => {
      await clock.advance(100);
      return await through(...request);
    };
    return openPullEntry(connector, { ...opened.options, ...entry, ...changed }, { clock, fetch });
  };
  return { ...opened, ...(await reopen()), reopen };
}

/** A receiver of the workspace `abc12de3`. */
export function openPush(entry: Readonly<Record<string, unknown>> = {}, clock = new FakeClock()) {
  return openPushEntry(connector, { client_secret: secret, app_id: "abc12de3", ...entry }, { clock });
}

export function episodesIn(pages: readonly Page[]): readonly Episode[] {
  return pages.flatMap(({ episodes }) => episodes);
}

/** Kind and text of each episode. */
export function linesOf(episodes: readonly Episode[]): readonly string[] {
  return episodes.map(({ kind, text }) => `${kind.slice("intercom.".length)}: ${text}`);
}
