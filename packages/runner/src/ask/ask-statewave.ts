import type { ConnectorsConfig } from "@statewave-connectors/config";
import { canonicalSubject, type Clock, ConnectorsError } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { networkOf } from "../network/network.ts";
import { openServer } from "../sinks/statewave/open-server.ts";
import type { StatewaveServer } from "../sinks/statewave/statewave-server.ts";
import { AskClient } from "./ask-client.ts";
import { chooseSubject, configuredSubjects } from "./choose-subject.ts";
import { hasMemories, isEmpty, type ServedContext } from "./read-context.ts";

/** A question about a subject. */
export interface Question {
  /** As connectors write it, `repo:acme/widgets`, or as Statewave knows it. Absent: the only one there is. */
  readonly subject?: string | undefined;
  readonly text: string;
  /** How many tokens the context may have. */
  readonly budgetTokens: number;
}

export interface AskOptions {
  readonly config: ConnectorsConfig;
  readonly clock?: Clock;
  /** Takes the requests instead of undici. */
  readonly fetchImpl?: typeof globalThis.fetch;
}

/** What a context shows of its subject. */
export type AskFinding =
  /** At least one compiled memory. */
  | "answered"
  /** Episodes only: the subject has no compiled memory. */
  | "not_compiled"
  /** The subject has memories and none fits into the budget beside the question, or only episodes and not even one of them fits. */
  | "budget_too_small"
  /** The server has nothing of this subject. */
  | "nothing_stored";

/** An answer of Statewave. */
export interface AskAnswer extends ServedContext {
  /** As Statewave knows it. */
  readonly subject: string;
  readonly finding: AskFinding;
  /** With `nothing_stored`: the subjects that the server has, up to 200. Undefined: it lists none. */
  readonly storedSubjects?: readonly string[] | undefined;
}

/** With so many tokens at least one memory of any size, or one episode, is in the context of a subject that has one. */
const ampleTokens = 16_000;

/**
 * Has Statewave assemble the context of a subject for a question. Throws `SINK_HAS_NO_MEMORY` where episodes go to a file or to stdout,
 * `RUNNER_SUBJECT_NEEDED` when it is not clear which subject is meant, and the `SINK_` codes of a server that does not answer as Statewave.
 */
export async function askStatewave(
  { config, clock = systemClock, fetchImpl }: AskOptions,
  question: Question,
  signal: AbortSignal,
): Promise<AskAnswer> {
  const { statewave, runner } = config;
  const server = openServer({ statewave, clock, fetchImpl, network: networkOf(runner.http) });
  if (server === undefined) throw noServer(statewave.url);
  try {
    return await askServer(server, clock, config, question, signal);
  } finally {
    await server.close();
  }
}

async function askServer(
  server: StatewaveServer,
  clock: Clock,
  config: ConnectorsConfig,
  { subject: given, text, budgetTokens }: Question,
  signal: AbortSignal,
): Promise<AskAnswer> {
  const client = new AskClient(server, clock);
  const subject = canonicalSubject(given ?? (await onlySubject(client, config, signal)));
  const context = await client.context({ subject, text, budgetTokens }, signal);
  if (hasMemories(context)) return { ...context, subject, finding: "answered" };
  // What is missing may only have found no room.
  const ample =
    budgetTokens >= ampleTokens ? context : await client.context({ subject, text, budgetTokens: ampleTokens }, signal);
  if (isEmpty(ample)) {
    return { ...context, subject, finding: "nothing_stored", storedSubjects: await storedSubjects(client, signal) };
  }
  if (hasMemories(ample) || isEmpty(context)) return { ...context, subject, finding: "budget_too_small" };
  return { ...context, subject, finding: "not_compiled" };
}

async function onlySubject(client: AskClient, config: ConnectorsConfig, signal: AbortSignal): Promise<string> {
  const configured = configuredSubjects(config);
  return chooseSubject(configured, configured?.length === 1 ? undefined : await client.subjects(signal));
}

/** They only help to find the right name. */
async function storedSubjects(client: AskClient, signal: AbortSignal): Promise<readonly string[] | undefined> {
  try {
    return await client.subjects(signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function noServer(url: string): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_HAS_NO_MEMORY",
    message: `[statewave] url is ${JSON.stringify(url)}, which stores episodes and answers no questions`,
    hint: 'name a Statewave server, such as url = "http://localhost:8100"',
  });
}
