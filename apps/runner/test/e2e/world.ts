import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { buriedMarkers } from "./buried-markers.ts";
import { markersOf, reconcile, type Reconciliation } from "./ledger.ts";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { SlackSender } from "./slack-sender.ts";
import { until } from "./until.ts";
import { configName, type ConfigOptions, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

/** One workspace, one fake Statewave, one Slack, and the account of what they owe each other. */
export class World {
  readonly slack = new SlackSender();
  readonly documents = new Set<string>();
  readonly workspace: Workspace;
  readonly statewave: FakeStatewave;

  constructor(workspace: Workspace, statewave: FakeStatewave) {
    this.workspace = workspace;
    this.statewave = statewave;
  }

  /** Puts marked documents into the folder that the pull source reads. */
  async writeDocuments(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1) {
      const number = String(this.documents.size).padStart(6, "0");
      const marker = `mark:doc-${number}`;
      this.documents.add(marker);
      await this.workspace.write(`docs/note-${number}.md`, `# Note\n\nAs agreed, ${marker} stands.\n`);
    }
  }

  /** Resolves when everything that is owed has arrived or was buried, and the inbox is empty. */
  async drained(runner: RunnerProcess): Promise<void> {
    try {
      await until("everything is delivered and the inbox is empty", () => this.#isDrained(runner));
    } catch (error) {
      const { stored, inFlight } = this.statewave.stats();
      const sink = `Statewave stored ${stored} episodes and holds ${inFlight} requests`;
      const inbox = (await runner.metrics()).split("\n").filter((line) => line.startsWith("statewave_runner_inbox"));
      const report = [`not drained; the account: ${JSON.stringify(this.account())}`, sink, ...inbox, runner.stderr.slice(-8_000)];
      throw new Error(report.join("\n"), { cause: error });
    }
  }

  async #isDrained(runner: RunnerProcess): Promise<boolean> {
    if (runner.hasExited) throw new Error(`the runner ended while it should drain:\n${runner.stderr}`);
    const metrics = await runner.metrics();
    const arrived = this.#stored().length + sumOf(metrics, "statewave_runner_dead_letters");
    return arrived >= this.owed.size && sumOf(metrics, "statewave_runner_inbox_depth") === 0;
  }

  /** What must not be missing: acknowledged webhooks and every document. */
  get owed(): ReadonlySet<string> {
    return new Set([...this.slack.acknowledged, ...this.documents]);
  }

  /** Compares what is owed with what Statewave holds and what was buried. */
  account(buried: readonly string[] = []): Reconciliation {
    return reconcile(this.statewave, { owed: this.owed, possible: this.slack.declared, buried });
  }

  /** The markers in the dead-letter list, one for each letter. */
  buried(): Promise<readonly string[]> {
    return buriedMarkers(this.workspace);
  }

  #stored(): readonly string[] {
    return this.statewave.episodes.flatMap(({ payload }) => markersOf(payload));
  }
}

/** A world for one test. */
export async function makeWorld(ending: Ending, options: Partial<ConfigOptions> = {}): Promise<World> {
  const statewave = await startFakeStatewave();
  ending.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(ending);
  await workspace.write(configName, configText({ statewaveUrl: statewave.url, ...options }));
  await workspace.write("docs/empty.txt", "");
  return new World(workspace, statewave);
}
