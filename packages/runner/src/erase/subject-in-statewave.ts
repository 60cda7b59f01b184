import type { ConnectorsConfig } from "@statewave-connectors/config";
import { canonicalSubject, type Clock, ConnectorsError } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { AskClient } from "../ask/ask-client.ts";
import { isEmpty } from "../ask/read-context.ts";
import { parseJson, property } from "../foreign-json.ts";
import { networkOf } from "../network/network.ts";
import { openServer } from "../sinks/statewave/open-server.ts";
import { classifyAnswer } from "../sinks/statewave/classify-answer.ts";
import { silenceHint } from "../sinks/statewave/silence-hint.ts";
import type { ServerExchange, StatewaveServer } from "../sinks/statewave/statewave-server.ts";

export interface StatewaveSubjectOptions {
  readonly config: ConnectorsConfig;
  readonly clock?: Clock;
  /** Takes the requests instead of undici. */
  readonly fetchImpl?: typeof globalThis.fetch;
}

/** What Statewave has deleted. A server that does not say how many leaves them out. */
export interface DeletedInStatewave {
  readonly episodes?: number;
  readonly memories?: number;
}

const deleteTimeoutMs = 120_000;

/** Whether Statewave holds anything of a subject; `unknown`: it does not answer, or episodes go to a file, to stdout or to a program. */
export async function isInStatewave(
  options: StatewaveSubjectOptions,
  subject: string,
  signal: AbortSignal,
): Promise<boolean | "unknown"> {
  try {
    return await withServer(options, async (server, clock) => {
      const question = { subject: canonicalSubject(subject), text: "everything", budgetTokens: 16_000 };
      return !isEmpty(await new AskClient(server, clock).context(question, signal));
    });
  } catch {
    signal.throwIfAborted();
    return "unknown";
  }
}

/** Has Statewave delete a subject's episodes and memories for good. Throws `SINK_HAS_NO_MEMORY`, and the `SINK_` codes of a server that does not. */
export function deleteInStatewave(
  options: StatewaveSubjectOptions,
  subject: string,
  signal: AbortSignal,
): Promise<DeletedInStatewave> {
  return withServer(options, async (server, clock) => {
    const path = `/v1/subjects/${encodeURIComponent(canonicalSubject(subject))}`;
    const exchange = await server.exchange({ method: "DELETE", path, timeoutMs: deleteTimeoutMs }, signal);
    signal.throwIfAborted();
    const answer = exchange.type === "answered" ? exchange.answer : undefined;
    const deleted = answer !== undefined && answer.status >= 200 && answer.status < 300 ? readDeleted(answer.body) : undefined;
    if (deleted === undefined) throw notDeleted(exchange, server.description, clock.now());
    return deleted;
  });
}

function readDeleted(body: string): DeletedInStatewave | undefined {
  const parsed = parseJson(body);
  if (typeof property(parsed, "subject_id") !== "string") return undefined;
  const [episodes, memories] = ["episodes_deleted", "memories_deleted"].map((name) => property(parsed, name));
  return { ...(typeof episodes === "number" && { episodes }), ...(typeof memories === "number" && { memories }) };
}

async function withServer<Result>(
  { config, clock = systemClock, fetchImpl }: StatewaveSubjectOptions,
  act: (server: StatewaveServer, clock: Clock) => Promise<Result>,
): Promise<Result> {
  const { statewave, runner } = config;
  const server = openServer({ statewave, clock, fetchImpl, network: networkOf(runner.http) });
  if (server === undefined) throw noServer(statewave.url);
  try {
    return await act(server, clock);
  } finally {
    await server.close();
  }
}

/** Nothing that the server echoed is in it. */
function notDeleted(exchange: ServerExchange, server: string, nowMs: number): ConnectorsError {
  const { reason, hint } = exchange.type === "answered" ? refusalOf(exchange.answer, nowMs) : exchange;
  return new ConnectorsError({
    code: "SINK_DELETE_FAILED",
    message: `${server} has not confirmed that it deleted the subject: ${reason}`,
    hint: `${hint ?? silenceHint(reason)}, then run the command again: what is erased stays erased`,
    retryable: true,
  });
}

function refusalOf(answer: Parameters<typeof classifyAnswer>[0], nowMs: number) {
  const result = classifyAnswer(answer, nowMs);
  const reason = "reason" in result ? result.reason : `${answer.status} without the form of Statewave's answer`;
  const hint = result.type === "stopped" ? result.hint : undefined;
  return { reason, hint: hint ?? "look at the log of Statewave, or of the proxy in front of it" };
}

function noServer(url: string): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_HAS_NO_MEMORY",
    message: `[statewave] url is ${url}: there is no Statewave to delete anything in`,
    hint: "delete the lines of the subject from what received the episodes",
  });
}
