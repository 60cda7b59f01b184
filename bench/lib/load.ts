import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { SampleSender } from "./sample-requests.ts";

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  /** Each sends its next request when the former is answered. */
  readonly connections: number;
  readonly seconds: number;
  /** The load ends after so many deliveries, should they be sent sooner. Default: any number. */
  readonly deliveries?: number;
  /** Begins the ids of the deliveries, so that runs do not send each other's again. */
  readonly idPrefix: string;
  /** Whose deliveries are sent. Default: a Slack message of about 700 bytes. */
  readonly sender?: SampleSender;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers by status; `error` where a connection broke. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Loads a webhook from a process of its own, so that client and server do not share a thread. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const child = fork(new URL("../processes/load-client.ts", import.meta.url), [JSON.stringify(options)]);
  const [result] = (await once(child, "message")) as [LoadResult];
  await once(child, "exit");
  return result;
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  /** Processor time it has used so far; less than throughput does it depend on what else the machine is doing. Linux only. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** Starts a script that sends `{ port }` to its parent once it listens. */
export async function startServerProcess(script: URL, args: readonly string[] = []): Promise<ServerProcess> {
  const child = fork(script, args);
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`${script.pathname} ended with code ${code} before it listened`);
  });
  const [{ port }] = (await Promise.race([once(child, "message"), failed])) as [{ port: number }];
  failed.catch(() => undefined);
  return {
    port,
    cpuMs: () => processorMs(child.pid ?? 0),
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** Kernels count in hundredths of a second. */
function processorMs(pid: number): number {
  if (process.platform !== "linux") return Number.NaN;
  // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th field behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
