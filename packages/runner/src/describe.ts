import type { Capability } from "@statewave-connectors/connector-sdk/host";
import type { Engine } from "./composition/engine.ts";
import { mountPath } from "./push/opened-push.ts";
import type { EntryState } from "./health/sources/entry-health.ts";

/** How an entry's source fares, as far as this process knows. `unknown`: nothing was heard of it since the start. */
export interface DescribedHealth {
  readonly status: "unknown" | "ok" | "unhealthy";
  /** ISO 8601; of an unhealthy one, as is the rest. */
  readonly since?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

/** A runner's parts, without secrets. */
export interface RunnerDescription {
  readonly pulls: readonly {
    readonly kind: string;
    readonly name: string;
    readonly schedule: string;
    readonly dryRun: boolean;
    /** What its connector is able to do with it besides reading it, sorted, e.g. `pull.map` and `pull.range`. */
    readonly capabilities: readonly Capability[];
    /** ISO 8601; absent while stopped, or when the schedule holds no further due. */
    readonly nextDue?: string;
    readonly health: DescribedHealth;
  }[];
  readonly pushes: readonly {
    readonly kind: string;
    readonly name: string;
    readonly path: string;
    /** See `pulls`. */
    readonly capabilities: readonly Capability[];
    readonly twin?: string;
    readonly health: DescribedHealth;
  }[];
  /** `durability` says what a stored cursor survives, and what a 2xx means. */
  readonly state: { readonly kind: string; readonly durability: string };
  readonly inbox: { readonly kind: string; readonly durability: string };
  readonly sink: string;
  readonly metricsPath: string;
  /** Absent while it does not listen. */
  readonly url?: string;
  /** Where details are served. Absent without `[runner.admin]`, and while it does not listen. */
  readonly adminUrl?: string;
  /** The page for operators. Absent unless it is served. */
  readonly consoleUrl?: string;
}

interface DescribedAddresses {
  readonly url?: string | undefined;
  readonly adminUrl?: string | undefined;
}

/** Describes what an engine holds. */
export function describeEngine(engine: Engine, { url, adminUrl }: DescribedAddresses): RunnerDescription {
  const { config, entries, healths, scheduler, store, inbox, sink } = engine;
  return {
    pulls: entries.pulls.map(({ key, entry, capabilities = [] }) => {
      const nextDueMs = scheduler.nextDueMs(key);
      return {
        ...key,
        schedule: entry.schedule.text,
        dryRun: entry.dryRun,
        capabilities,
        health: describeHealth(healths.of("pull", key).state),
        ...(nextDueMs === undefined ? {} : { nextDue: new Date(nextDueMs).toISOString() }),
      };
    }),
    pushes: entries.pushes.map(({ key, entry, capabilities = [] }) => ({
      ...key,
      path: mountPath({ key, entry }, config.runner.basePath),
      capabilities,
      health: describeHealth(healths.of("push", key).state),
      ...(entry.pull === undefined ? {} : { twin: entry.pull }),
    })),
    state: { kind: config.runner.state.kind, durability: store.durability },
    inbox: { kind: config.runner.inbox.kind, durability: inbox.durability },
    sink: sink.description,
    metricsPath: config.runner.metrics.path,
    ...(url === undefined ? {} : { url }),
    ...(adminUrl === undefined ? {} : { adminUrl }),
    ...(adminUrl === undefined || config.runner.admin?.console === undefined ? {} : { consoleUrl: `${adminUrl}/console/` }),
  };
}

function describeHealth(state: EntryState): DescribedHealth {
  if (state.status !== "unhealthy") return { status: state.status };
  const { status, code, message, hint, sinceMs } = state;
  return { status, since: new Date(sinceMs).toISOString(), code, message, ...(hint === undefined ? {} : { hint }) };
}
