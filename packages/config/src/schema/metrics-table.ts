import { headerSecret, secret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { about, text } from "./pieces.ts";

const metricsAuth = v.variant("kind", [
  v.object({ kind: v.literal("none") }),
  v.object({ kind: v.literal("bearer"), token: headerSecret() }),
  v.object({
    kind: v.literal("basic"),
    // RFC 7617: the first colon ends the user name.
    username: v.pipe(
      text(),
      v.check((value) => !value.includes(":"), "expected a user name without a colon"),
    ),
    password: secret({ keepSpaces: true }),
  }),
]);

/** `[runner.metrics]`. */
export const metricsTable = v.object({
  path: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\/[A-Za-z0-9_./-]+$/, 'expected a path such as "/metrics"'),
        v.check(
          (path) => !/\/(\.{0,2})(\/|$)/.test(path),
          'expected a path such as "/metrics", without empty parts, "." and ".."',
        ),
        v.check((path) => path !== "/healthz" && path !== "/readyz", "expected a path that no probe uses"),
      ),
      "/metrics",
    ),
    about("Where Prometheus scrapes."),
  ),
  auth: v.pipe(
    v.optional(metricsAuth, { kind: "none" }),
    about(
      '`{ kind = "none" }`, `{ kind = "bearer", token = "…" }` or `{ kind = "basic", username = "…", password = "…" }`.',
      "table",
    ),
  ),
  per_source: v.pipe(
    v.optional(v.picklist(["all", "unhealthy"]), "all"),
    about(
      "Which sources have series of their own: all, or only those that need attention. With `unhealthy`, counters of what is usual are summed by kind, and gauges are there for sources that are unhealthy, have not been read for three intervals, or whose cursor has stood for a day.",
    ),
  ),
  per_source_histograms: v.pipe(
    v.optional(v.boolean()),
    about(
      "Whether histograms have series for each source, about twelve more for each, or only for each kind. Default: for each source while there are at most 100.",
    ),
  ),
  on_webhook_port: v.pipe(
    v.optional(v.boolean()),
    about(
      "Whether `[runner] port` serves them. Default: only if `[runner.admin] listen` is not set, which serves them otherwise.",
    ),
  ),
});
