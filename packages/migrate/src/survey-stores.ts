import type { ParsedConfig } from "@statewave-connectors/config";
import { loadAdapter } from "@statewave-connectors/config/adapters";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { nothingStored, type StoreSurvey } from "@statewave-connectors/connector-sdk/store";
import type { EarlierState } from "./earlier-file.ts";

/** Where adapter packages are looked for. */
type Places = readonly string[];

/**
 * What the earlier runner stored. Changes nothing there. Throws `STORE_MIGRATE_TAKEN` where the runner of this project uses that
 * place already, and as the store does.
 */
export async function surveyEarlier({ kind, options }: EarlierState, folder: string, from: Places): Promise<StoreSurvey> {
  if (kind === "memory") return nothingStored;
  const found = await survey(kind, options, { baseDir: folder, stateDir: folder }, from);
  if (found.format === "current") throw taken(kind);
  return found;
}

/** Throws `STORE_MIGRATE_SAME` when the new state is where the earlier cursors are. */
export async function refuseSamePlace(
  earlier: StoreSurvey,
  { config }: Pick<ParsedConfig, "config">,
  from: Places,
): Promise<void> {
  const { kind, options, livesIn } = config.runner.state;
  if (livesIn === "process" || earlier.place === undefined) return;
  const target = await survey(kind, options, { baseDir: config.baseDir, stateDir: config.runner.stateDir }, from);
  if (target.place === earlier.place) throw same(kind);
}

async function survey(
  kind: string,
  options: Readonly<Record<string, unknown>>,
  folders: { baseDir: string; stateDir: string },
  from: Places,
) {
  const open = await loadAdapter({ role: "cursor-store", kind, from });
  if (open.survey === undefined) throw unsurveyable(kind);
  return open.survey(options, { ...folders, clock: systemClock, logger: silentLogger });
}

function unsurveyable(kind: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_SURVEY_MISSING",
    message: `the store ${kind} cannot look at cursors without changing them`,
    hint: "add `--no-state`, which moves the sources without their cursors",
  });
}

function taken(kind: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_MIGRATE_TAKEN",
    message: `this runner already uses the ${kind} state of the earlier file`,
    hint: "restore the earlier state from a back-up to another place and name that, or pass `--no-state`",
  });
}

function same(kind: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_MIGRATE_SAME",
    message: `the new ${kind} state is where the cursors of the earlier runner are`,
    hint: "name another `path`, `schema`, `table` or `key_prefix` in the new file: the earlier runner may have to start again",
  });
}
