import { createInterface } from "node:readline";
import { ConnectorsError, type Episode, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { ConnectorsErrorOptions } from "@statewave-connectors/connector-sdk/host";
import { request as httpRequest } from "../../http/node-http.ts";
import type { SinkIdentity } from "../../sink-binding/sink-identity.ts";
import { remoteBackfills } from "../calls/backfill-calls.ts";
import type { Call, Followers, SendCall } from "../calls/call.ts";
import { remoteInbox } from "../calls/inbox-calls.ts";
import { remoteProcess } from "../calls/process-calls.ts";
import { remoteRecords } from "../calls/record-calls.ts";
import { remoteState } from "../calls/state-calls.ts";
import { remoteSubjects } from "../calls/subject-calls.ts";
import type { Operations } from "../operations/operations.ts";
import type { SocketPlace } from "./socket-place.ts";
import { forbidden, isSocketThere } from "./socket-trust.ts";

/** A runner that answers nothing for so long is paused or hangs. Its store gives up earlier, and that is an answer. */
const answerWithinMs = 10_000;

/** How a runner is reached. */
export interface Reaching {
  readonly timeoutMs?: number;
  /** Where operations check it, the sink in the configuration of the caller. */
  readonly sink?: SinkIdentity;
  /** Called with a control socket at which a process takes requests and answers none. */
  readonly onSilent?: (path: string) => void;
}

/**
 * A runner's operations over the first of these control sockets where one answers; undefined when none does. Throws
 * `RUNNER_CONTROL_UNSAFE` or `RUNNER_CONTROL_FORBIDDEN` when another user is behind one.
 */
export async function connectFirst(places: readonly SocketPlace[], reaching?: Reaching): Promise<Operations | undefined> {
  for (const place of places) {
    const operations = isSocketThere(place) ? await connectControl(place.path, reaching) : undefined;
    if (operations !== undefined) return operations;
  }
  return undefined;
}

/** A runner's operations over its control socket, or undefined when no process listens there, or none that answers. */
export async function connectControl(
  path: string,
  { timeoutMs = answerWithinMs, sink, onSilent }: Reaching = {},
): Promise<Operations | undefined> {
  try {
    await callSocket(path, { operation: "state.list" }, undefined, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    if (isTimeout(error)) onSilent?.(path);
    if (isTimeout(error) || isUnreachable(error)) return undefined;
    if (isForbidden(error)) throw forbidden(path, error);
    throw isConnectorsError(error) ? error : brokenOff(path, error);
  }
  // It answered before, so it has ended since.
  const send: SendCall = (call, followers, signal) =>
    callSocket(path, call, followers, signal).catch((error: unknown) => {
      if (isConnectorsError(error)) throw error;
      throw signal?.aborted === true ? signal.reason : brokenOff(path, error);
    });
  return {
    ...remoteProcess(send, timeoutMs),
    ...remoteState(send, sink),
    ...remoteRecords(send),
    ...remoteInbox(send),
    ...remoteBackfills(send),
    ...remoteSubjects(send),
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function isUnreachable(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTSOCK";
}

function isForbidden(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "EACCES" || code === "EPERM";
}

function callSocket(
  path: string,
  call: Call,
  followers: Followers | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      socketPath: path,
      method: "POST",
      path: "/",
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    });
    request.once("error", reject);
    request.once("response", (response) => {
      response.once("error", reject);
      const lines = createInterface({ input: response });
      // It has an error of its own for one of its input, which would otherwise end the process.
      lines.once("error", reject);
      lines.on("line", (line) => {
        const message = JSON.parse(line) as {
          episode?: Episode;
          progress?: unknown;
          result?: unknown;
          error?: ConnectorsErrorOptions;
        };
        if (message.episode !== undefined) followers?.onEpisode?.(message.episode);
        else if (message.progress !== undefined) followers?.onProgress?.(message.progress);
        else if (message.error !== undefined) reject(new ConnectorsError(message.error));
        else resolve(message.result);
      });
      lines.once("close", () => reject(brokenOff(path)));
    });
    request.end(JSON.stringify(call));
  });
}

function brokenOff(path: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CONTROL_BROKEN",
    message: `the runner behind ${path} broke off before it answered`,
    hint: "look at its logs: the request may or may not have been carried out",
    retryable: true,
    cause,
  });
}

/** A process at a control socket is paused, or hangs. */
export function silentRunner(path: string): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CONTROL_SILENT",
    message: `the runner behind ${path} ${silence}`,
    hint: silentRunnerHint,
    retryable: true,
  });
}

/** What such a process does. */
export const silence = "takes requests and does not answer";
export const silentRunnerHint =
  "look at it with `ps` and at its log, then wake one that is paused (T) with `kill -CONT`, or end one that hangs with `kill -9`: what it has stored stays";
