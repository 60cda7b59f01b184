import { type FakeStatewave, startFakeStatewave, type StoredEpisode } from "@statewave-connectors/testing/fake-statewave";
import type { TestContext } from "vitest";
import { until } from "../until.ts";
import { configName, makeWorkspace } from "../workspace.ts";
import { Fleet, type Member } from "./fleet.ts";
import { shortLease } from "./numbers-world.ts";
import { type SharedStore, startStore } from "./shared-store.ts";

/** What two processes read that wait for news of one source. */
export interface WaitingWorld {
  readonly statewave: FakeStatewave;
  readonly fleet: Fleet;
  /** The process that holds the lease of the wait. */
  holder(): Promise<Member>;
}

/** Two processes on one store, with a source that nothing but its wait makes read. */
export async function makeWaitingWorld(
  test: TestContext,
  store: SharedStore,
  { source, entry }: { readonly source: string; readonly entry: string },
): Promise<WaitingWorld> {
  const { url } = await startStore(test, store);
  const statewave = await startFakeStatewave();
  test.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(test);
  await workspace.write(
    configName,
    `
[statewave]
url = "${statewave.url}"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state-\${E2E_MEMBER:-0}"

[runner.state]
kind = "${store.kind}"
url = "${url}"

[runner.inbox]
kind = "file"

${entry}`,
  );
  // With the program and the lease that users have, a process is missed after half a minute.
  const fleet = new Fleet(test, { workspace, size: 2, ...(process.env["E2E_REAL_LEASE"] === "1" ? {} : shortLease) });
  return { statewave, fleet, holder: () => until("a process waits", () => holderOf(store, { url, source, fleet })) };
}

interface Waiting {
  readonly url: string;
  readonly source: string;
  readonly fleet: Fleet;
}

/** By the lease in the store. */
async function holderOf(store: SharedStore, { url, source, fleet }: Waiting): Promise<Member | undefined> {
  const opened = await store.open(url);
  try {
    const lease = await opened.records?.get("watch-leases", `wait ${source}`);
    const { pid } = JSON.parse(lease?.value ?? "{}") as { readonly pid?: number };
    return fleet.healthy.find(({ process }) => process.pid === pid);
  } finally {
    await opened.close();
  }
}

/** The numbers in what is stored of the mails, one for each episode. */
export function numbersIn(episodes: readonly StoredEpisode[], marker: RegExp): readonly number[] {
  return episodes.map(({ payload }) => Number(marker.exec(JSON.stringify(payload))?.[1])).filter((number) => number > 0);
}
