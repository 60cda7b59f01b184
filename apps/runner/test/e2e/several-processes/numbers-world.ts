import { checkJournal, type Disturbances, readJournal, toLeases, type Violations } from "@statewave-connectors/chaos/witness";
import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import type { TestContext } from "vitest";
import { installAdapter } from "../install-adapter.ts";
import { reconcile, type Reconciliation } from "../ledger.ts";
import { SlackSender } from "../slack-sender.ts";
import { configName, makeWorkspace, slackSecret, type Workspace } from "../workspace.ts";
import type { SharedStore } from "./shared-store.ts";
import { pageMarker } from "./witness/numbers-connector.ts";

export interface NumbersWorldOptions {
  readonly store: SharedStore;
  readonly url: string;
  readonly sources: number;
  readonly schedule?: string;
  /** Of the connector. */
  readonly pageMs?: number;
  /** `max_concurrent_syncs`. Default: as many as sources in most tests. */
  readonly slots?: number;
  /** Default `file`: one for each process. */
  readonly inbox?: "file" | "shared";
  readonly sabotage?: "blind-checkpoints";
}

/** A lease that tests can wait for. */
export const shortTtlMs = 3_000;
export const shortLease = {
  program: new URL("./witness/short-lease-program.ts", import.meta.url),
  env: { E2E_LEASE_TTL_MS: String(shortTtlMs) },
};

export const nameOf = (index: number) => `n${String(index).padStart(2, "0")}`;

/** Numbered sources on a witnessed store, a Slack receiver, a fake Statewave, and the account of all of them. */
export class NumbersWorld {
  readonly slack = new SlackSender();
  readonly workspace: Workspace;
  readonly statewave: FakeStatewave;
  readonly #options: NumbersWorldOptions;

  constructor(workspace: Workspace, statewave: FakeStatewave, options: NumbersWorldOptions) {
    this.workspace = workspace;
    this.statewave = statewave;
    this.#options = options;
  }

  get lines() {
    return readJournal(this.workspace.folder);
  }

  /** The cursors as they lie in the store, by the source's name. */
  async cursors(): Promise<ReadonlyMap<string, string>> {
    const store = await this.#options.store.open(this.#options.url);
    try {
      const states = await store.list();
      return new Map(states.flatMap(({ source, cursor }) => (cursor === undefined ? [] : [[source.name, cursor]])));
    } finally {
      await store.close();
    }
  }

  /** What the journal says against the promises. Once no process runs any more. */
  async violations(disturbances: Disturbances, endMs: number, ttlMs = shortTtlMs): Promise<Violations> {
    return checkJournal({ leases: toLeases(this.lines), disturbances, ttlMs, finalCursors: await this.cursors(), endMs });
  }

  /** Compares acknowledged webhooks, and pages that a cursor has passed, with what Statewave holds and what was buried. */
  account(cursors: ReadonlyMap<string, string>, buried: readonly string[] = []): Reconciliation {
    const owed = new Set(this.slack.acknowledged);
    for (const [source, cursor] of cursors) {
      for (let page = 1; page <= Number(cursor); page += 1) owed.add(pageMarker(source, page));
    }
    const read = this.lines.flatMap((line) => (line.step === "read" ? [pageMarker(line.source, line.page)] : []));
    return reconcile(this.statewave, { owed, possible: [...this.slack.declared, ...read], buried });
  }
}

export async function makeNumbersWorld(test: TestContext, options: NumbersWorldOptions): Promise<NumbersWorld> {
  const statewave = await startFakeStatewave();
  test.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(test);
  await workspace.write(configName, configText(options, statewave.url));
  const connector = new URL("./witness/numbers-connector.ts", import.meta.url);
  await workspace.write("connector.mjs", `export { connector } from ${JSON.stringify(connector.href)};\n`);
  await installAdapter(workspace, "cursor-store-witnessed", new URL("./witness/witnessed-cursor-store.ts", import.meta.url));
  return new NumbersWorld(workspace, statewave, options);
}

function configText(options: NumbersWorldOptions, statewaveUrl: string): string {
  const { store, url, sources, schedule = "every 1s", pageMs = 60, slots = 50, inbox = "file", sabotage = "none" } = options;
  const pulls = Array.from(
    { length: sources },
    (_, index) => `[[pull.numbers]]\nname = "${nameOf(index)}"\nschedule = "${schedule}"\npage_ms = ${pageMs}\n`,
  );
  return `
[statewave]
url = "${statewaveUrl}"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state-\${E2E_MEMBER:-0}"
drain_timeout = "4s"
max_concurrent_syncs = ${slots}

[runner.admin]
listen = "127.0.0.1:0"

[runner.state]
kind = "witnessed"
store = "${store.kind}"
url = "\${E2E_STORE_URL:-${url}}"
sabotage = "${sabotage}"

[runner.inbox]
${inbox === "file" ? 'kind = "file"' : `kind = "${store.kind}"\nurl = "${url}"`}

[connectors]
numbers = "./connector.mjs"

[[push.slack]]
name = "team"
signing_secret = "${slackSecret}"

${pulls.join("\n")}`;
}
