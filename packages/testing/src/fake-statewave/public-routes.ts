import type { FakeAnswer } from "./ingest-routes.ts";
import type { Release, ReleaseTraits } from "./release.ts";

/** What a server shows of itself. */
interface PublicServer {
  readonly name: Release;
  readonly traits: ReleaseTraits;
  /** Whether it has routes that compile. */
  readonly compiles: boolean;
}

/** What `GET` answers without a key and without a tenant; undefined for any other path. */
export function answerPublic(path: string, server: PublicServer): FakeAnswer | undefined {
  const { name, traits } = server;
  switch (path) {
    case "/healthz":
    case "/health":
      return { status: 200, body: { status: "ok" } };
    case "/readyz":
    case "/ready":
      return { status: 200, body: { status: "ready", checks: [{ name: "database", status: "ok", latency_ms: 0.4 }] } };
    case "/v1/version":
      return traits.hasVersionRoute ? { status: 200, body: { version: name, api_contract: "v1" } } : undefined;
    case "/openapi.json":
      return { status: 200, body: openApi(server) };
    default:
      return undefined;
  }
}

/** As much of the document as a client looks at to find out what the server knows. */
function openApi({ name, traits: { keepsTimes, recognisesKeys }, compiles }: PublicServer): unknown {
  const shown = routes.filter(([, path]) => compiles || !path.startsWith("/v1/memories/compile"));
  const fields = ["subject_id", "source", "type", "payload", "metadata", "provenance", "session_id"];
  if (keepsTimes) fields.push("occurred_at");
  if (recognisesKeys) fields.push("idempotency_key");
  return {
    openapi: "3.1.0",
    info: { title: "Statewave", version: name },
    paths: Object.fromEntries(shown.map(([method, path]) => [path, { [method]: {} }])),
    components: {
      schemas: { CreateEpisodeRequest: { properties: Object.fromEntries(fields.map((field) => [field, {}])) } },
    },
  };
}

const routes = [
  ["post", "/v1/episodes"],
  ["post", "/v1/episodes/batch"],
  ["post", "/v1/memories/compile"],
  ["get", "/v1/memories/compile/{job_id}"],
  ["post", "/v1/context"],
  ["get", "/v1/subjects"],
  ["delete", "/v1/subjects/{subject_id}"],
] as const;
