import type { CheckResult, Logger } from "@statewave-connectors/connector-sdk";
import type { LogFields } from "@statewave-connectors/connector-sdk/host";
import { count, describeBuried, describeCounts, describeDuration, type LastRun, type QuickstartCounts } from "./last-run.ts";

export interface NarratorOptions {
  readonly nowMs: () => number;
  /** A line of what happens. */
  readonly say: (line: string) => void;
  /** A line of what is wrong. */
  readonly complain: (line: string) => void;
  readonly lastRun: LastRun | undefined;
  /** Called when the run begins to end. */
  readonly onStopping: () => void;
  /** Called once, when the run has ended. */
  readonly onStopped: (run: LastRun) => void;
}

/** The source of the quickstart's documents. */
const documentsSource = "markdown/docs";

/** Turns the log of a run into a few lines for a person who sees it for the first time. What repeats is said once. */
export class Narrator {
  readonly #options: NarratorOptions;
  readonly #counts = { webhooks: 0, delivered: 0, buried: 0 };
  readonly #said = new Set<string>();
  /** How many documents there are, and how many of them the last walk found changed. */
  #folder = { documents: 0, changes: 0 };
  #hasRead = false;
  #sinkIsDown = false;

  constructor(options: NarratorOptions) {
    this.#options = options;
  }

  get counts(): QuickstartCounts {
    return this.#counts;
  }

  /** The logger of the run. */
  logger(inherited: LogFields = {}): Logger {
    const take = (level: Level, message: string, fields: LogFields = {}) =>
      this.#take(level, message, { ...inherited, ...fields });
    return {
      debug: (message, fields) => take("debug", message, fields),
      info: (message, fields) => take("info", message, fields),
      warn: (message, fields) => take("warn", message, fields),
      error: (message, fields) => take("error", message, fields),
      child: (fields) => this.logger({ ...inherited, ...fields }),
    };
  }

  /** What a first look at a source found, long before its first run may. */
  sourceChecked(source: string, { ok, message, error }: CheckResult): void {
    if (ok) this.#options.say(`${source}: ${message}`);
    else this.#complainOnce(`${source}; ${error?.code ?? message}`, `${source}: ${message}`);
  }

  #take(level: Level, message: string, fields: LogFields): void {
    switch (message) {
      case "folder read":
        if (`${String(fields["kind"])}/${String(fields["name"])}` === documentsSource)
          this.#folder = { documents: numberOf(fields["documents"]), changes: numberOf(fields["changes"]) };
        return;
      case "run done":
      case "run done, nothing new":
        this.#runDone(fields);
        return;
      case "events processed":
        this.#eventsProcessed(fields);
        return;
      case "the sink takes episodes again":
        this.#sinkIsDown = false;
        this.#options.say(`${String(fields["sink"])} takes episodes again`);
        return;
      case "stopping":
        this.#options.onStopping();
        return;
      case "stopped":
        this.#stopped(numberOf(fields["waiting_events"]));
        return;
      default:
        if (level === "warn" || level === "error") this.#trouble(message, fields);
    }
  }

  #runDone(fields: LogFields): void {
    const delivered = numberOf(fields["delivered"]);
    const buried = buriedOf(fields);
    if (delivered > 0) this.#sinkIsDown = false;
    this.#add(fields);
    if (fields["source"] !== documentsSource) {
      if (delivered > 0 || buried > 0)
        this.#options.say(`${count(delivered, "episode")} of ${String(fields["source"])} delivered${andBuried(buried)}`);
      return;
    }
    const isFirst = !this.#hasRead;
    this.#hasRead = true;
    if (isFirst) this.#options.say(buried === 0 ? this.#firstSync(delivered) : this.#firstSyncWithLoss(delivered, buried));
    else if (buried > 0) this.#options.say(this.#changedWithLoss(delivered, buried));
    else if (delivered > 0) this.#options.say(`${count(this.#folder.changes, "document")} changed and delivered`);
  }

  #firstSyncWithLoss(delivered: number, buried: number): string {
    const { documents, changes } = this.#folder;
    if (this.#options.lastRun !== undefined && changes < documents) return this.#changedWithLoss(delivered, buried);
    return `${count(changes, "document")} read: ${count(delivered, "episode")} delivered${andBuried(buried)}`;
  }

  #changedWithLoss(delivered: number, buried: number): string {
    return `${count(this.#folder.changes, "document")} changed: ${count(delivered, "episode")} delivered${andBuried(buried)}`;
  }

  #firstSync(delivered: number): string {
    const { documents, changes } = this.#folder;
    const known = `${count(documents, "document")} known`;
    const { lastRun, nowMs } = this.#options;
    if (delivered === 0) return `up to date: ${known}, change one to see it arrive`;
    // All of them: the run before came to deliver none, which is no change of the documents.
    if (lastRun === undefined || changes >= documents)
      return `${count(changes, "document")} delivered as ${count(delivered, "episode")}, change one to see it arrive`;
    const since = describeDuration(nowMs() - lastRun.stoppedAtMs);
    return `since the stop ${since} ago: ${count(changes, "document")} changed and delivered; ${known}`;
  }

  #eventsProcessed(fields: LogFields): void {
    const events = numberOf(fields["events"]);
    this.#counts.webhooks += events;
    this.#add(fields);
    const delivered = count(numberOf(fields["delivered"]), "episode");
    this.#options.say(
      `${count(events, "webhook")} for ${String(fields["source"])} received, ${delivered} delivered${andBuried(buriedOf(fields))}`,
    );
  }

  #add(fields: LogFields): void {
    this.#counts.delivered += numberOf(fields["delivered"]);
    this.#counts.buried += buriedOf(fields);
  }

  #stopped(waiting: number): void {
    const rest =
      waiting === 0 ? "" : `; ${count(waiting, "more webhook")} ${waiting === 1 ? "waits" : "wait"} for the next start`;
    this.#options.say(`stopped: ${describeCounts(this.#counts)}${rest}`);
    this.#options.onStopped({ ...this.#counts, stoppedAtMs: this.#options.nowMs() });
  }

  #trouble(message: string, fields: LogFields): void {
    const { error, reason, hint, sink } = fields;
    if (sink !== undefined && reason !== undefined) {
      this.#sinkFailed(`${textOf(sink)} takes nothing: ${textOf(reason)}`, hint);
      return;
    }
    // Failures of the sink are reported once, above; what a stop interrupts is read again.
    const { code, message: cause, hint: way } = errorOf(error);
    if (code?.startsWith("SINK_") || code === "RUNNER_STOPPING") return;
    const details = [fields["source"], cause, reason, way, hint];
    const line = [message, ...details.filter((detail) => detail !== undefined).map(textOf)].join("; ");
    // A source that cannot be read fails its run and becomes unhealthy: one event under two names.
    const what = code ?? fields["code"] ?? cause ?? reason;
    this.#complainOnce(what === undefined ? line : [fields["source"], what].map(textOf).join("; "), line);
  }

  /** A start notices it before the first episode does. */
  #sinkFailed(message: string, hint: unknown): void {
    if (this.#sinkIsDown) return;
    this.#sinkIsDown = true;
    this.#options.complain(`${message}${hint === undefined ? "" : `; ${textOf(hint)}`}; what is read waits here`);
  }

  #complainOnce(what: string, line: string): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#options.complain(line);
  }
}

type Level = "debug" | "info" | "warn" | "error";

/** The error of a log line: a record of its parts by the time it comes here. */
function errorOf(error: unknown): { readonly code?: string; readonly message?: unknown; readonly hint?: unknown } {
  if (typeof error !== "object" || error === null) return { message: error };
  const { code, message, hint } = error as Readonly<Record<string, unknown>>;
  return { ...(typeof code === "string" ? { code } : {}), message: message ?? error, hint };
}

/** A field of a log line: texts in the words of a user who sets variables, edits no file and has installed no program. */
function textOf(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  return value
    .replaceAll("[statewave] url", "STATEWAVE_URL")
    .replaceAll("[statewave] api_key", "STATEWAVE_API_KEY")
    .replaceAll("`statewave-connectors ", "`npm run cli -- ");
}

/** Episodes that were refused, and items that could not be mapped: all of them are dead letters. */
function buriedOf(fields: LogFields): number {
  return numberOf(fields["buried"]) + numberOf(fields["failed"]);
}

function andBuried(buried: number): string {
  return buried === 0 ? "" : `, ${describeBuried(buried)}`;
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
