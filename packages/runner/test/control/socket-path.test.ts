import type { ConnectorsConfig } from "@statewave-connectors/config";
import { describe, expect, test } from "vitest";
import { controlSocketPath } from "../../src/control/socket/socket-path.ts";

/** The part of a configuration that matters here. */
function pathFor(kind: string, options: Readonly<Record<string, unknown>> = {}, stateDir = "/srv/state"): string {
  const runner = { stateDir, state: { kind, options }, inbox: { kind, options } };
  return controlSocketPath({ baseDir: "/srv", runner } as unknown as ConnectorsConfig);
}

describe("the socket on which a runner answers tools", () => {
  test("lies beside the state when that is a file", () => {
    expect(pathFor("file")).toBe("/srv/state/runner.sock");
    expect(pathFor("file", { path: "./other/cursors.json" })).toBe("/srv/other/cursors.json.sock");
  });

  test("is the same for the processes that share a state, whatever user they come as", () => {
    const path = pathFor("postgres", { url: "postgres://ada:s3cret@db:5432/app?sslmode=require", require_durable: true });
    expect(path).toMatch(/^\/srv\/state\/runner-[0-9a-f]{16}\.sock$/);
    expect(pathFor("postgres", { url: "postgres://grace@db:5432/app", require_durable: false })).toBe(path);
  });

  test("is another one for every other state, so that a tool never changes a neighbour's", () => {
    const paths = [
      pathFor("file"),
      pathFor("postgres", { url: "postgres://db/app" }),
      pathFor("postgres", { url: "postgres://db/other" }),
      pathFor("postgres", { url: "postgres://db:5433/app" }),
      pathFor("postgres", { url: "postgres://db/app", schema: "b" }),
      pathFor("redis", { url: "redis://db" }),
      pathFor("redis", { url: "redis://db/1" }),
      pathFor("redis", { url: "redis://db", key_prefix: "b:" }),
    ];
    expect(new Set(paths).size).toBe(paths.length);
  });

  test("is short enough for a socket, wherever the state is", () => {
    const path = pathFor("file", {}, `/srv/${"long/".repeat(30)}`);
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(100);
    expect(path).not.toBe(pathFor("file", {}, `/srv/${"longer/".repeat(30)}`));
  });
});
