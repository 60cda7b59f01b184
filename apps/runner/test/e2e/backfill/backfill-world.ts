import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { configName, type Ending, makeWorkspace, type Workspace } from "../workspace.ts";
import { firstMs } from "./ranged-connector.ts";

export interface BackfillWorldOptions {
  /** The keys of `[runner.state]`. Default: `kind = "file"`. */
  readonly state?: string;
  readonly pageSize?: number;
  readonly pageMs?: number;
  readonly schedule?: string;
}

const connector = new URL("./ranged-connector.ts", import.meta.url).href;

/** A configuration with a source that reads ranges, and one that reads none. */
export class BackfillWorld {
  readonly workspace: Workspace;
  readonly statewave: FakeStatewave;

  constructor(workspace: Workspace, statewave: FakeStatewave) {
    this.workspace = workspace;
    this.statewave = statewave;
  }

  /** The arguments for the first `count` items. */
  range(count: number): readonly string[] {
    const [since, until] = [firstMs, firstMs + count * 60_000].map((ms) => new Date(ms).toISOString());
    return ["backfill", "ranged/all", "--since", since!, "--until", until!];
  }

  /** The numbers of the items that Statewave has, in order. */
  get items(): readonly number[] {
    const numbers = this.statewave.episodes.flatMap(({ payload }) => {
      const match = /"number item:(\d+)|number item:(\d+) stands/.exec(JSON.stringify(payload));
      return match === null ? [] : [Number(match[1] ?? match[2])];
    });
    return numbers.toSorted((left, right) => left - right);
  }

  async backfills(): Promise<readonly Record<string, unknown>[]> {
    return this.workspace.jsonLines("backfill", "list", "--json");
  }
}

export async function makeBackfillWorld(ending: Ending, options: BackfillWorldOptions = {}): Promise<BackfillWorld> {
  const { state = 'kind = "file"', pageSize = 10, pageMs = 0, schedule = "0 0 1 1 *" } = options;
  const statewave = await startFakeStatewave();
  ending.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(ending);
  await workspace.write("ranged.mjs", `export { connector } from ${JSON.stringify(connector)};\n`);
  await workspace.write("docs/note.md", "# Note");
  await workspace.write(
    configName,
    `
[statewave]
url = "${statewave.url}"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
drain_timeout = "4s"

[runner.state]
${state}

[connectors]
ranged = "./ranged.mjs"

[[pull.ranged]]
name = "all"
schedule = "${schedule}"
page_size = ${pageSize}
page_ms = ${pageMs}

[[pull.markdown]]
name = "docs"
schedule = "0 0 1 1 *"
path = "./docs"
`,
  );
  return new BackfillWorld(workspace, statewave);
}

export const allOf = (count: number) => Array.from({ length: count }, (_, number) => number);
