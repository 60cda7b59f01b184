import type { FakeAnswer } from "./ingest-routes.ts";
import type { Release, ReleaseTraits } from "./release.ts";

/** What `GET` answers without a key and without a tenant; undefined for any other path. */
export function answerPublic(path: string, release: Release, traits: ReleaseTraits): FakeAnswer | undefined {
  switch (path) {
    case "/healthz":
    case "/health":
      return { status: 200, body: { status: "ok" } };
    case "/readyz":
    case "/ready":
      return { status: 200, body: { status: "ready", checks: [{ name: "database", status: "ok", latency_ms: 0.4 }] } };
    case "/v1/version":
      return traits.hasVersionRoute ? { status: 200, body: { version: release, api_contract: "v1" } } : undefined;
    case "/openapi.json":
      return { status: 200, body: openApi(release, traits) };
    default:
      return undefined;
  }
}

/** As much of the document as a client looks at to find out what the server knows. */
function openApi(release: Release, { keepsTimes, recognisesKeys }: ReleaseTraits): unknown {
  const fields = ["subject_id", "source", "type", "payload", "metadata", "provenance", "session_id"];
  if (keepsTimes) fields.push("occurred_at");
  if (recognisesKeys) fields.push("idempotency_key");
  return {
    openapi: "3.1.0",
    info: { title: "Statewave", version: release },
    paths: Object.fromEntries(routes.map(([method, path]) => [path, { [method]: {} }])),
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
] as const;
