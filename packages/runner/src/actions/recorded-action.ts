import { maskSecrets, maskSecretsIn } from "@statewave-connectors/connector-sdk/secrets";
import { isInstant } from "../records/is-instant.ts";
import type { Actor } from "./actor.ts";

/** What a person or a tool is about to do. */
export interface OperatorAction {
  readonly by: Actor;
  /** As the command line names it: `pause`, `state reset`. */
  readonly command: string;
  /** Entries, sources or keys of dead letters. */
  readonly targets: readonly string[];
  /** In the words of the person. */
  readonly reason?: string | undefined;
}

/** What an action changed, as JSON. Known secrets are masked before it is stored. */
export interface ActionChange {
  readonly before?: unknown;
  readonly after?: unknown;
}

/** `begun`: its program was killed, or the store could not take how it ended. */
export type ActionOutcome = "begun" | "done" | "failed";

/** An action as the audit log holds it. */
export interface RecordedAction extends Actor, ActionChange {
  readonly id: string;
  readonly atMs: number;
  readonly command: string;
  /** The first 50. */
  readonly targets: readonly string[];
  /** All of them. */
  readonly targetCount: number;
  readonly reason?: string;
  readonly outcome: ActionOutcome;
  readonly endedAtMs?: number;
  /** Of a failed one. */
  readonly error?: { readonly code?: string; readonly message: string };
}

/** A recorded action without its key. */
export type ActionEntry = Omit<RecordedAction, "id">;

/** Bounds that together keep a record well below the limit of a store. */
const mostTargets = 50;
const mostTargetCharacters = 100;
const mostReasonCharacters = 500;
const mostValueCharacters = 2_000;

/** The part of a recorded action that is known before it is carried out. */
export function beginAction({ by, command, targets, reason }: OperatorAction, atMs: number): ActionEntry {
  return {
    ...by,
    atMs,
    command,
    targets: targets.slice(0, mostTargets).map((target) => target.slice(0, mostTargetCharacters)),
    targetCount: targets.length,
    ...(reason === undefined ? {} : { reason: maskSecrets(reason).slice(0, mostReasonCharacters) }),
    outcome: "begun",
  };
}

/** The same with what it changed. */
export function endAction(begun: ActionEntry, { before, after }: ActionChange, endedAtMs: number): ActionEntry {
  return { ...begun, outcome: "done", endedAtMs, ...named("before", before), ...named("after", after) };
}

/** The same with why it failed, and what it changed all the same. */
export function failAction(begun: ActionEntry, error: Error, endedAtMs: number, change: ActionChange = {}): ActionEntry {
  const { code } = error as { readonly code?: unknown };
  const message = maskSecrets(error.message).slice(0, mostReasonCharacters);
  const failed = { ...endAction(begun, change, endedAtMs), outcome: "failed" } as const;
  return { ...failed, error: { ...(typeof code === "string" && { code }), message } };
}

/** Undefined for a value that this release cannot read. */
export function parseAction(id: string, text: string): RecordedAction | undefined {
  try {
    return toAction(id, JSON.parse(text));
  } catch {
    return undefined;
  }
}

const outcomes: readonly ActionOutcome[] = ["begun", "done", "failed"];

/** What else is of another form is left out: the action shows all the same. */
function toAction(id: string, value: unknown): RecordedAction | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as { readonly [Name in keyof RecordedAction]?: unknown };
  const { atMs, user, command, as, targetCount, reason, endedAtMs, error } = given;
  if (!isInstant(atMs) || !isText(user) || !isText(command) || !Array.isArray(given.targets)) return undefined;
  const targets = given.targets.filter(isText);
  return {
    id,
    atMs,
    user,
    command,
    targets,
    targetCount: typeof targetCount === "number" ? targetCount : targets.length,
    outcome: outcomes.find((known) => known === given.outcome) ?? "begun",
    ...(isText(as) && { as }),
    ...(isText(reason) && { reason }),
    ...(isInstant(endedAtMs) && { endedAtMs }),
    ...(isActionError(error) && { error }),
    ...("before" in given && { before: given.before }),
    ...("after" in given && { after: given.after }),
  };
}

function isActionError(value: unknown): value is NonNullable<RecordedAction["error"]> {
  if (typeof value !== "object" || value === null) return false;
  const { code = "", message } = value as Readonly<Record<string, unknown>>;
  return isText(code) && isText(message);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function named<Name extends string>(name: Name, value: unknown): { readonly [Key in Name]?: unknown } {
  return value === undefined ? {} : ({ [name]: bounded(maskSecretsIn(value)) } as { readonly [Key in Name]?: unknown });
}

/** A long value is kept as the beginning of its JSON. */
function bounded(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (text.length <= mostValueCharacters) return value;
  return { beginning: text.slice(0, mostValueCharacters).toWellFormed(), characters: text.length };
}
