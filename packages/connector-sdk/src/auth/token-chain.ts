// Imported whole: a Node.js without `hash` must reach the check that refuses it.
import crypto from "node:crypto";
import { storageLimits } from "../contract/source-storage.ts";

/** An access token as it is stored. */
interface StoredAccess {
  readonly token: string;
  /** On the clock of the process that requested it. Absent: until it is refused. */
  readonly expires_at_ms?: number;
  readonly lifetime_ms?: number;
}

/** The refresh tokens that followed each other since a person signed in: the last of them, and its access token. */
export interface TokenChain {
  readonly v: 1;
  /** A hash of the refresh token in the options that the chain began with. */
  readonly from: string;
  /** Those of chains before: a process that still has one of these in its options follows this chain. */
  readonly past: readonly string[];
  readonly refresh: string;
  readonly access?: StoredAccess;
  /** The process that requests the next tokens; others wait for them. */
  readonly claim?: string;
}

const mostPast = 20;

/** The chain that a process follows whose options have the refresh token `configured`. */
export function currentChain(stored: TokenChain | undefined, configured: string): TokenChain {
  const from = crypto.hash("sha256", configured, "hex");
  if (stored === undefined) return { v: 1, from, past: [], refresh: configured };
  if (stored.from === from || stored.past.includes(from)) return stored;
  return { v: 1, from, past: [stored.from, ...stored.past].slice(0, mostPast), refresh: configured };
}

/** As it is stored. An access token for which there is no room is left out: without its refresh token a person would have to sign in. */
export function formatChain(chain: TokenChain): string {
  const whole = JSON.stringify(chain);
  if (Buffer.byteLength(whole) <= storageLimits.valueBytes) return whole;
  const { access: _, ...rest } = chain;
  return JSON.stringify(rest);
}

/** Undefined for what is no chain. */
export function parseChain(text: string): TokenChain | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isChain(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The version of a chain that a later release wrote; undefined for anything else. */
export function newerVersion(text: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const version = isObject(parsed) ? parsed["v"] : undefined;
    return typeof version === "number" && version > 1 ? version : undefined;
  } catch {
    return undefined;
  }
}

function isChain(parsed: unknown): parsed is TokenChain {
  if (!isObject(parsed)) return false;
  const { v, from, past, refresh, access, claim } = parsed;
  const arePast = Array.isArray(past) && past.every((each) => typeof each === "string");
  const isClaim = claim === undefined || typeof claim === "string";
  return v === 1 && typeof from === "string" && arePast && isToken(refresh) && isClaim && isAccess(access);
}

function isAccess(access: unknown): boolean {
  if (access === undefined) return true;
  if (!isObject(access) || !isToken(access["token"])) return false;
  return [access["expires_at_ms"], access["lifetime_ms"]].every((ms) => ms === undefined || typeof ms === "number");
}

function isToken(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

const refreshBeforeMs = 6 * 60_000;
/** A clock that was ahead wrote an end that lies further away than the lifetime. */
const clockToleranceMs = 60_000;

/** How long the access token of a chain may be used; undefined: another is to be requested. Infinite: until it is refused. */
export function usableMs({ access }: TokenChain, nowMs: number): number | undefined {
  if (access === undefined) return undefined;
  const { expires_at_ms: expiresAtMs, lifetime_ms: lifetimeMs } = access;
  if (expiresAtMs === undefined || lifetimeMs === undefined) return Number.POSITIVE_INFINITY;
  const leftMs = expiresAtMs - nowMs;
  const isSound = leftMs <= lifetimeMs + clockToleranceMs;
  return isSound && leftMs > Math.min(refreshBeforeMs, lifetimeMs / 2) ? leftMs : undefined;
}
