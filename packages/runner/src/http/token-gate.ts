import { createHash } from "node:crypto";
import type { Clock, ReceiverResponse, Secret } from "@statewave-connectors/connector-sdk";
import { jsonAnswer } from "@statewave-connectors/connector-sdk/receive";
import { constantTimeEqual } from "@statewave-connectors/connector-sdk/signature";
import { steadyNow } from "../steady-now.ts";

/** What became of credentials that were sent. With `retryAfterMs` they were not compared. */
export type TokenVerdict = "right" | "wrong" | { readonly retryAfterMs: number };

export interface TokenGateOptions {
  /** Compares in constant time, with what the configuration says at that moment. */
  readonly isRight: (sent: string) => boolean;
  readonly clock: Clock;
}

/** What is known of one sender. */
interface Sender {
  /** Digests of its latest wrong tokens. */
  readonly wrong: readonly string[];
  readonly attempts: number;
  readonly lastWrongMs: number;
  readonly openAtMs: number;
}

const unknownSender: Sender = { wrong: [], attempts: 0, lastWrongMs: 0, openAtMs: 0 };

/** Wrong tokens without a wait: someone mistypes. */
const freeAttempts = 5;
const longestWaitMs = 60_000;
const forgottenAfterMs = 15 * 60_000;
const mostSenders = 1_000;

/**
 * Checks credentials, and slows down senders that try many: after five wrong ones the next wait is 1 s, and each further one doubles it up to
 * a minute. What was wrong already does not count again, so a program with an outdated token locks out no other sender.
 */
export class TokenGate {
  readonly #options: TokenGateOptions;
  /** By address, the one that was wrong longest ago first. */
  readonly #senders = new Map<string, Sender>();

  constructor(options: TokenGateOptions) {
    this.#options = options;
  }

  /** `peer`: the address that it was sent from. Without a known address, no sender waits. */
  check(sent: string, peer: string): TokenVerdict {
    const nowMs = steadyNow(this.#options.clock);
    const network = networkOf(peer);
    const sender = this.#senders.get(network);
    if (sender !== undefined && sender.openAtMs > nowMs) return { retryAfterMs: sender.openAtMs - nowMs };
    if (this.#options.isRight(sent)) return "right";
    if (peer !== "") this.#note(network, digestOf(sent), nowMs);
    return "wrong";
  }

  #note(network: string, digest: string, nowMs: number): void {
    const known = this.#senders.get(network);
    const isRecent = known !== undefined && nowMs - known.lastWrongMs < forgottenAfterMs;
    const { wrong, attempts } = isRecent ? known : unknownSender;
    if (wrong.includes(digest)) return;
    const counted = attempts + 1;
    const waitMs = counted < freeAttempts ? 0 : Math.min(longestWaitMs, 1_000 * 2 ** (counted - freeAttempts));
    this.#senders.delete(network);
    this.#senders.set(network, {
      wrong: [...wrong, digest].slice(-freeAttempts),
      attempts: counted,
      lastWrongMs: nowMs,
      openAtMs: nowMs + waitMs,
    });
    const [oldest] = this.#senders.keys();
    if (this.#senders.size > mostSenders && oldest !== undefined) this.#senders.delete(oldest);
  }
}

/** That of `[runner.admin] token`, which is read with each attempt: a reload replaces it. Undefined: no token is right. */
export function adminGate(token: () => Secret | undefined, clock: Clock): TokenGate {
  const isRight = (sent: string) => {
    const expected = token();
    return expected !== undefined && constantTimeEqual(sent, expected);
  };
  return new TokenGate({ isRight, clock });
}

/** The answer to credentials that were not compared. */
export function tooManyAttempts(retryAfterMs: number): ReceiverResponse {
  return jsonAnswer(
    429,
    { error: "too_many_attempts", hint: "wait, then send the right credentials: several wrong ones were sent from this address" },
    { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) },
  );
}

/** Of an IPv6 address its network: a single host may have all addresses of one. */
function networkOf(peer: string): string {
  if (peer.includes(".")) return peer;
  const [head = [], tail] = peer.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  // Of a run of zeros only `::` is written.
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  return [...head, ...Array.from({ length: zeros }, () => "0"), ...(tail ?? [])].slice(0, 4).join(":");
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
