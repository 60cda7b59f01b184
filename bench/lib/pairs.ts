import { type LoadResult, runLoad, startServerProcess } from "./load.ts";

/** A server to compare. */
export interface Contender {
  readonly name: string;
  readonly script: URL;
  readonly args?: readonly string[];
}

export interface PairOptions {
  readonly contenders: readonly Contender[];
  readonly path: string;
  readonly pairs: number;
  readonly seconds: number;
  readonly connections: number;
}

export interface PairResult extends LoadResult {
  /** Processor time of the server per request. */
  readonly cpuMicros: number;
}

/** Loads the contenders in turn, `pairs` times over, so that what else the machine does meets all of them. Answers each one's results in order. */
export async function runPairs(options: PairOptions): Promise<ReadonlyMap<string, readonly PairResult[]>> {
  const { contenders, path, pairs, seconds, connections } = options;
  const results = new Map<string, PairResult[]>(contenders.map(({ name }) => [name, []]));
  for (let pair = 0; pair < pairs; pair++) {
    for (const { name, script, args } of contenders) {
      const server = await startServerProcess(script, args);
      const load = { port: server.port, path, connections };
      await runLoad({ ...load, seconds: 1, idPrefix: `warm${pair}` });
      const cpuBeforeMs = server.cpuMs();
      const loaded = await runLoad({ ...load, seconds, idPrefix: `run${pair}` });
      const result = { ...loaded, cpuMicros: ((server.cpuMs() - cpuBeforeMs) * 1000) / loaded.requests };
      await server.stop();
      results.get(name)?.push(result);
      console.log(`pair ${pair + 1}  ${name.padEnd(14)} ${describeResult(result)}`);
    }
  }
  return results;
}

function describeResult({ perSecond, p50Ms, p99Ms, maxMs, cpuMicros, statuses }: PairResult): string {
  const latency = `p50 ${p50Ms.toFixed(1)}  p99 ${p99Ms.toFixed(1)}  max ${maxMs.toFixed(1)} ms`;
  return `${String(Math.round(perSecond)).padStart(7)}/s  ${latency}  cpu ${cpuMicros.toFixed(0)} µs each  ${JSON.stringify(statuses)}`;
}

/** The median over the pairs of one contender's throughput over another's. */
export function medianRatio(of: readonly LoadResult[], to: readonly LoadResult[]): number {
  return median(of.map(({ perSecond }, pair) => perSecond / (to[pair]?.perSecond ?? Number.NaN)));
}

export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
