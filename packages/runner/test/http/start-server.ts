import { type Logger, type PushReceiver, refuse } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { onTestFinished } from "vitest";
import type { HealthReport } from "../../src/health/health-report.ts";
import type { MetricsEndpoint } from "../../src/http/operator-routes.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "../../src/http/server.ts";
import type { Mount, WebhookOutcome } from "../../src/http/webhook-route.ts";

export const webhookPath = "/slack/team/events";

export const healthy: HealthReport = {
  ready: true,
  store: { status: "ok", detail: "memory" },
  inbox: { status: "ok", detail: "0 waiting" },
  sink: { status: "ok", detail: "stdout" },
  receivers: { status: "ok", detail: "1 mounted", paths: [webhookPath] },
  sources: { status: "ok", detail: "none is known to be unhealthy" },
};

/** Takes what carries `x-signature: right`, under the id in `x-id`. */
export const signedReceiver: PushReceiver = {
  receive(received) {
    if (received.headers["x-signature"] !== "right") return refuse(401, "invalid_signature");
    const id = received.headers["x-id"];
    return { type: "event", ...(id === undefined ? {} : { id }) };
  },
  async *pages() {
    yield { episodes: [] };
  },
};

export interface RunningServer {
  readonly server: HttpServer;
  readonly port: number;
  readonly clock: FakeClock;
  /** What the inbox was given, in order. */
  readonly accepted: InboxItem[];
  /** What was counted, one line each. */
  readonly counted: string[];
  readonly logged: { level: string; message: string; fields: unknown }[];
}

type Overrides = Partial<Omit<HttpServerOptions, "mounts" | "metrics">> & {
  readonly mount?: Partial<Mount>;
  readonly mounts?: readonly Mount[];
  readonly metrics?: Partial<MetricsEndpoint>;
};

/** A listening server with one mount, closed when the test ends. */
export async function startServer({ mount, mounts, metrics, ...overrides }: Overrides = {}): Promise<RunningServer> {
  const clock = new FakeClock();
  const accepted: InboxItem[] = [];
  const counted: string[] = [];
  const logged: RunningServer["logged"] = [];
  const ids = new Set<string>();
  const accept: Mount["accept"] = async (item) => {
    if ("id" in item && item.id !== undefined && ids.has(item.id)) return "duplicate";
    if ("id" in item && item.id !== undefined) ids.add(item.id);
    accepted.push(item);
    return "fresh";
  };
  const source = { kind: "slack", name: "team" };
  const server = createHttpServer({
    host: "127.0.0.1",
    port: 0,
    mounts: mounts ?? [{ source, path: webhookPath, receiver: signedReceiver, accept, ...mount }],
    isReady: () => true,
    metrics: { path: "/metrics", auth: { kind: "none" }, contentType: "text/plain", slices: () => only("up 1\n"), ...metrics },
    maxBodyBytes: 1024,
    hideMounts: false,
    clock,
    logger: recordingLogger(logged),
    observe: () => ({
      received: () => counted.push("received"),
      answered: (status: number, _durationMs: number, outcome: WebhookOutcome) => counted.push(`${status} ${outcome}`),
    }),
    ...overrides,
  });
  const { port } = await server.listen();
  onTestFinished(() => server.close(AbortSignal.abort()));
  return { server, port, clock, accepted, counted, logged };
}

function recordingLogger(lines: RunningServer["logged"]): Logger {
  const add = (level: string) => (message: string, fields?: unknown) => void lines.push({ level, message, fields });
  const logger: Logger = { ...silentLogger, warn: add("warn"), error: add("error"), child: () => logger };
  return logger;
}

/** An exposition of one slice. */
export async function* only(text: string | Promise<string>): AsyncGenerator<string, void> {
  yield await text;
}

/** A signed POST to the mount, as latin1 text. */
export function signedPost(body: string, extraHeaders: readonly string[] = []): string {
  return request("POST", webhookPath, ["x-signature: right", `content-length: ${body.length}`, ...extraHeaders], body);
}

export function request(method: string, target: string, headers: readonly string[] = [], body = ""): string {
  return [`${method} ${target} HTTP/1.1`, "host: test", ...headers, "", body].join("\r\n");
}
