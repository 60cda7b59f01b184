import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fleet } from "./fleet.ts";
import { type StoreAddress, type CuttableProxy, startCuttableProxy } from "./network/cuttable-proxy.ts";
import type { TrialPlace } from "./place/trial-place.ts";
import { Child } from "./processes/child.ts";
import { trialConfig } from "./trial-config.ts";

export interface TrialOptions {
  readonly place: TrialPlace;
  /** For logs, the journal and the rows of the sink. */
  readonly folder: string;
  /** Where packages are looked for first. */
  readonly baseDir: string;
  readonly resolveFrom: readonly string[];
  readonly seed: number;
  readonly sources: number;
  readonly leaseTtlMs: number;
}

/** Everything that a trial runs: the runners, the fakes on both sides of them, and the ways in between. */
export interface StartedTrial {
  readonly fleet: Fleet<Child>;
  readonly storeProxy: CuttableProxy | undefined;
  readonly sinkProxy: CuttableProxy;
  readonly sinkUrl: string;
  /** What webhooks are signed with. */
  readonly secret: string;
  /** Kills what runs; a second call does nothing more. */
  end(): Promise<void>;
}

export const rowsFile = "rows.jsonl";

/** Starts the processes of a trial; what was started is ended again when one fails. */
export async function startTrial(options: TrialOptions): Promise<StartedTrial> {
  const { place, folder, baseDir, resolveFrom, seed, sources, leaseTtlMs } = options;
  const endings: (() => Promise<unknown>)[] = [];
  const end = async () => {
    for (const ending of endings.splice(0).toReversed()) await ending();
  };
  const helper = async (name: "sink" | "source", arg: string) => {
    const child = new Child({
      what: `the fake ${name}`,
      program: programOf(`${name}-process`),
      args: [arg],
      folder,
      logPath: join(folder, `${name}.log`),
    });
    endings.push(() => child.kill());
    return child.listening();
  };
  const proxy = async (target: StoreAddress) => {
    const started = await startCuttableProxy(target);
    endings.push(() => started.close());
    return started;
  };
  try {
    const [sinkUrl, sourceUrl] = await Promise.all([helper("sink", join(folder, rowsFile)), helper("source", String(seed))]);
    const { hostname: host, port } = new URL(sinkUrl);
    const sinkProxy = await proxy({ host, port: Number(port) });
    const storeProxy = "host" in place.server ? await proxy(place.server) : undefined;
    const secret = randomBytes(16).toString("hex");
    const own = {
      place,
      storePort: storeProxy?.port,
      statewaveUrl: `http://127.0.0.1:${sinkProxy.port}`,
      sourceUrl,
      secret,
      sources,
    };
    const launch = (index: number) => {
      const config = trialConfig({ ...own, stateDir: join(folder, `state-${index}`) });
      const settings = { config, baseDir, resolveFrom, journalFolder: folder, leaseTtlMs };
      return new Child({
        what: `process ${index + 1}`,
        program: programOf("runner-process"),
        folder,
        logPath: join(folder, `process-${index + 1}.log`),
        message: { type: "start", settings },
        onStalled: (stall) => fleet.disturbances.pauses.push(stall),
      });
    };
    const fleet: Fleet<Child> = new Fleet({ size: place.processes, launch });
    endings.push(() => fleet.killAll());
    for (let index = 0; index < place.processes; index += 1) await mkdir(join(folder, `state-${index}`), { recursive: true });
    await fleet.start();
    return { fleet, storeProxy, sinkProxy, sinkUrl, secret, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A program of this package, as source or as built. */
function programOf(name: string): string {
  return fileURLToPath(import.meta.resolve(`@statewave-connectors/chaos/${name}`));
}
