import { ConnectorsError, isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { OpenedPull } from "../pull/opened-pull.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import type { BackfillJob } from "./backfill-job.ts";

/** Its connector reads no ranges. @param pulls of the configuration. */
export function rangeMissing({ key }: OpenedPull, pulls: readonly OpenedPull[]): ConnectorsError {
  const able = pulls.filter(({ source }) => source.range !== undefined).map((pull) => formatSourceKey(pull.key));
  const others = able.length === 0 ? "no source of this configuration does" : `these sources do: ${able.join(", ")}`;
  return new ConnectorsError({
    code: "PULL_RANGE_MISSING",
    message: `the connector of ${formatSourceKey(key)} does not read ranges, so ${key.kind} has no backfill`,
    hint: `run \`statewave-connectors state reset ${formatSourceKey(key)}\` to read everything again; ${others}`,
  });
}

export function rangeInvalid(why: string): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_RANGE_INVALID",
    message: `the range of the backfill cannot be read: ${why}`,
    hint: "pass --since and --until as dates, dates with time and offset, or ages such as 90d, the earlier one first",
  });
}

export function dryRunEntry(source: SourceKey): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_DRY_RUN",
    message: `${formatSourceKey(source)} has dry_run = true, so nothing of it is delivered`,
    hint: "remove dry_run from the entry, or count the range with --dry-run",
  });
}

export function backfillRunning({ id, source }: Pick<BackfillJob, "id" | "source">, holder: string): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_BACKFILL_RUNNING",
    message: `the backfill ${id} of ${formatSourceKey(source)} is running in ${holder}`,
    hint: "look at `statewave-connectors backfill list` until it ends; a process that crashed counts as running for 30 s",
    retryable: true,
  });
}

export function backfillUnknown(id: string): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_BACKFILL_UNKNOWN",
    message: `there is no backfill ${JSON.stringify(id.slice(0, 40))}`,
    hint: "name one of `statewave-connectors backfill list`",
  });
}

export function backfillOver({ id, status }: BackfillJob): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_BACKFILL_OVER",
    message: `the backfill ${id} is ${status} already`,
    hint: "start it again with its command, or leave it",
  });
}

export function backfillCancelled({ id }: BackfillJob): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_BACKFILL_CANCELLED",
    message: `the backfill ${id} was cancelled`,
    hint: "start it again with the same command; what was delivered stays delivered",
  });
}

export function backfillTakenOver({ id }: Pick<BackfillJob, "id">): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_BACKFILL_LOST",
    message: `another process runs the backfill ${id} now, or its record was changed`,
    hint: "look at `statewave-connectors backfill list`",
    retryable: true,
  });
}

export function backfillOfOtherSink({ id, sink }: BackfillJob, configured: SinkIdentity): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_BACKFILL_SINK",
    message: `the backfill ${id} has delivered to ${sink.label} so far, and this configuration names ${configured.label}`,
    hint: `run \`statewave-connectors backfill cancel ${id}\` and start it again, so that the new sink gets the whole range`,
  });
}

/** Whether this process must not touch the backfill any more. */
export function endsHold(error: unknown): error is ConnectorsError {
  return error instanceof ConnectorsError && ["PULL_BACKFILL_CANCELLED", "PULL_BACKFILL_LOST"].includes(error.code);
}

/** What the record of a backfill keeps of the error that ended it. */
export function toBackfillError(error: Error, clean: (text: string) => string) {
  const { hint } = isConnectorsError(error) ? error : {};
  const code = isConnectorsError(error) ? error.code : "RUNNER_CONNECTOR_DEFECT";
  const shown = (text: string) => clean(text).slice(0, 2_000);
  return { code, message: shown(error.message), ...(hint === undefined ? {} : { hint: shown(hint) }) };
}
