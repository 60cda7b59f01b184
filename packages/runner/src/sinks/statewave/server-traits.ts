import type { SinkAnswer } from "./classify-answer.ts";

/** What a server shows of itself without a key. What it does not show is absent. */
export interface ServerTraits {
  readonly version?: string;
  /** Whether it recognises an episode by `idempotency_key`. */
  readonly recognisesKeys?: boolean;
  /** Whether it keeps `occurred_at`. */
  readonly keepsTimes?: boolean;
  /** Whether it has a route that compiles memories. */
  readonly compiles?: boolean;
  readonly readiness?: ServerReadiness;
}

export interface ServerReadiness {
  readonly status: "ready" | "degraded" | "not ready";
  /** What is not well, in the server's words. */
  readonly troubles: readonly string[];
}

/** The answers to the requests that need no key; undefined where none came. */
export interface PublicAnswers {
  readonly readyz: SinkAnswer | undefined;
  readonly version: SinkAnswer | undefined;
  readonly openApi: SinkAnswer | undefined;
}

/** Reads them. Nothing but the documented JSON counts: a proxy may answer any of them. */
export function readTraits({ readyz, version, openApi }: PublicAnswers): ServerTraits {
  const document = jsonOf(openApi);
  const paths = document === undefined ? undefined : at(document, "paths");
  const fields = at(document, "components", "schemas", "CreateEpisodeRequest", "properties");
  const shown = wordOf(at(jsonOf(version), "version")) ?? wordOf(at(document, "info", "version"));
  const readiness = readinessOf(readyz);
  return {
    ...(shown !== undefined && { version: shown }),
    ...(isObject(fields) && { recognisesKeys: "idempotency_key" in fields, keepsTimes: "occurred_at" in fields }),
    ...(isObject(paths) && { compiles: "/v1/memories/compile" in paths }),
    ...(readiness !== undefined && { readiness }),
  };
}

const statuses: ReadonlyMap<unknown, ServerReadiness["status"]> = new Map([
  ["ready", "ready"],
  ["degraded", "degraded"],
  ["not_ready", "not ready"],
]);

/** A server without a database answers 503 or, of an old release, 500 without its readiness. */
function readinessOf(answer: SinkAnswer | undefined): ServerReadiness | undefined {
  const body = jsonOf(answer, [200, 503]);
  const status = statuses.get(at(body, "status"));
  if (status === undefined) return answer?.status === 500 ? { status: "not ready", troubles: [] } : undefined;
  const checks = at(body, "checks");
  return { status, troubles: (Array.isArray(checks) ? checks : []).flatMap(troubleOf).slice(0, maxTroubles) };
}

const maxTroubles = 10;
const maxDetailLength = 200;

function troubleOf(check: unknown): readonly string[] {
  const [name, status, detail] = ["name", "status", "detail"].map((field) => at(check, field));
  if (typeof name !== "string" || status === "ok") return [];
  return [(typeof detail === "string" && detail !== "" ? `${name}: ${detail}` : name).slice(0, maxDetailLength)];
}

function jsonOf(answer: SinkAnswer | undefined, expected: readonly number[] = [200]): unknown {
  if (answer === undefined || !expected.includes(answer.status)) return undefined;
  try {
    return JSON.parse(answer.body);
  } catch {
    return undefined;
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wordOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w.+-]{1,64}$/.test(value) ? value : undefined;
}
