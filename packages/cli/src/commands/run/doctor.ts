import {
  ConfigInvalidError,
  type ConnectorsConfig,
  formatProblem,
  loadConfig,
  type LoadedConfig,
} from "@statewave-connectors/config";
import { filePlaces } from "@statewave-connectors/config/result";
import type { Diagnosis, EntryCheck, Finding } from "@statewave-connectors/runner/tools";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { type FilePlace, findingLines, findingsJsonLine, rightsLines, toDiagnosis } from "../../terminal/print-findings.ts";
import { hintFormat } from "../../terminal/repeat-config.ts";
import type { CommandContext } from "../command-context.ts";
import { forgottenDotenv } from "../dotenv.ts";
import { untilStopped } from "../../process/until-stopped.ts";

export interface DoctorOptions {
  readonly json?: boolean;
  /** The public address of the runner: samples are sent to every receiver behind it. */
  readonly url?: string;
  /** Has providers send a test notification. */
  readonly testPush?: boolean;
  /** Sends a test message to each `[[notify]]`. */
  readonly testNotify?: boolean;
}

/**
 * Looks at the whole way of an episode, from the file to the running process, and closes with a line that counts what is not well. Exit code 1
 * when anything fails, 3 when the file is not valid.
 */
export async function doctor(
  context: CommandContext,
  { json = false, url, testPush, testNotify }: DoctorOptions,
): Promise<ExitCode> {
  const { resolveFrom, terminal } = context;
  const report = new Report(context, json);
  let loaded: LoadedConfig;
  try {
    loaded = await loadConfig({ ...context.configOptions, resolveFrom });
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    const { cwd } = terminal;
    const hintFor = (text: string) => forgottenDotenv(text, context.dotenvPath, cwd);
    report.print({ subject: "configuration", findings: error.problems.map((problem) => toFinding(problem, hintFor)) });
    report.close();
    return exitCode.config;
  }
  const { config, connectors, path, includes } = loaded;
  const { createLogger, diagnose } = await import("@statewave-connectors/runner/tools");
  const placeOf = placesIn(config, await filePlaces(path, includes));
  const held = `${counted(config.pull.length, "source")}, ${counted(config.push.length, "receiver")}`;
  report.print({ subject: "configuration", findings: [{ ok: true, message: `${path} is valid: ${held}` }] });
  return untilStopped(terminal, async (signal) => {
    const logger = createLogger({ format: "text", level: context.logLevel ?? "error" });
    const request = { url, testsPush: testPush, testsNotify: testNotify };
    for await (const found of diagnose({ config, connectors, logger, resolveFrom }, request, signal)) {
      if ("diagnosis" in found) report.print(found.diagnosis, [], placeOf(found.diagnosis.subject));
      else {
        const { subject, findings } = toDiagnosis(found.check);
        report.print({ subject, findings: [...findings, ...found.further] }, found.check.rights, placeOf(subject));
      }
    }
    report.close();
    return report.failures === 0 ? exitCode.ok : exitCode.failed;
  });
}

function toFinding(
  { hint, ...problem }: ConfigInvalidError["problems"][number],
  hintFor: (text: string) => string | undefined,
): Finding {
  return { ok: false, message: formatProblem(problem), hint: hintFor(problem.message) ?? hint, code: "CONFIG_INVALID" };
}

/** Prints diagnoses as they come, and counts what is not well. */
class Report {
  failures = 0;
  #warnings = 0;
  readonly #context: CommandContext;
  readonly #json: boolean;

  constructor(context: CommandContext, json: boolean) {
    this.#context = context;
    this.#json = json;
  }

  print(found: Diagnosis, rights: EntryCheck["rights"] = [], place?: FilePlace): void {
    const format = hintFormat(this.#context);
    const findings = found.findings.map((finding) => ({
      ...finding,
      message: format(finding.message),
      ...(finding.hint !== undefined && { hint: format(finding.hint) }),
    }));
    const diagnosis = { ...found, findings };
    this.failures += diagnosis.findings.filter(({ ok }) => !ok).length;
    this.#warnings += diagnosis.findings.filter(({ ok, isWarning }) => ok && isWarning === true).length;
    const text = this.#json ? findingsJsonLine(diagnosis, rights, place) : findingLines(diagnosis, place) + rightsLines(rights);
    this.#context.terminal.stdout.write(text);
  }

  close(): void {
    const [failed, warned] = [this.failures, this.#warnings];
    const line = failed + warned === 0 ? "all is well" : `${counted(failed, "failure")}, ${counted(warned, "warning")}`;
    this.#context.terminal.stdout.write(this.#json ? `${JSON.stringify({ failures: failed, warnings: warned })}\n` : `${line}\n`);
  }
}

/** Where in the file the subjects of diagnoses stand. */
function placesIn(
  config: ConnectorsConfig,
  find: Awaited<ReturnType<typeof filePlaces>>,
): (subject: string) => FilePlace | undefined {
  const entries = (["pull", "push"] as const).flatMap((direction) => {
    const counts = new Map<string, number>();
    return config[direction].map(({ kind, name }) => {
      const index = counts.get(kind) ?? 0;
      counts.set(kind, index + 1);
      return [`${direction} ${kind}/${name}`, { table: `[[${direction}.${kind}]]`, at: [direction, kind, index] }] as const;
    });
  });
  const places = new Map<string, { readonly table: string; readonly at: readonly (string | number)[] }>([
    ["statewave", { table: "[statewave]", at: ["statewave"] }],
    ["state", { table: "[runner.state]", at: ["runner", "state"] }],
    ["inbox", { table: "[runner.inbox]", at: ["runner", "inbox"] }],
    ...entries,
    ...(config.notices?.notify ?? []).map(
      ({ name }, index) => [`notify ${name}`, { table: "[[notify]]", at: ["notify", index] }] as const,
    ),
  ]);
  return (subject) => {
    const place = places.get(subject);
    const { line, file } = (place && find(place.at)) ?? {};
    return place === undefined || line === undefined
      ? undefined
      : { table: place.table, line, ...(file !== undefined && { file }) };
  };
}
