// The runner's HTTP layer with its metrics, in front of an inbox that takes everything and keeps nothing. Started by bench/http-floor.ts with
// Slack's signing secret as argument; sends `{ port }` to its parent once it listens.
import type { PushReceiver } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { hmac, verifier } from "@statewave-connectors/connector-sdk/signature";
import { createHttpServer } from "../src/http/server.ts";
import { createMetrics } from "../src/metrics/create-metrics.ts";

const [, , signingSecret = ""] = process.argv;
const source = { kind: "slack", name: "team" };

/** Slack's scheme, as its connector declares it. */
const signature = hmac({
  header: "x-slack-signature",
  algorithm: "sha256",
  prefix: "v0=",
  timestamp: { header: "x-slack-request-timestamp", toleranceSeconds: 300 },
  signed: "v0:{timestamp}:{body}",
  secretOption: "signing_secret",
});

/** Checks the signature as Slack's connector does, and nothing else: the same work as the floor's. */
const receiver: PushReceiver = {
  verify: verifier(signature, signingSecret),
  async *pages() {
    yield { episodes: [] };
  },
};

const metrics = await createMetrics({
  version: "0",
  hostname: "bench",
  disableDefaultMetrics: false,
  pulls: [],
  pushes: [source],
});
const server = createHttpServer({
  host: "127.0.0.1",
  port: 0,
  mounts: [{ source, path: "/slack/team/events", receiver, accept: () => Promise.resolve("fresh") }],
  isReady: () => true,
  metrics: { path: "/metrics", auth: { kind: "none" }, contentType: metrics.contentType, slices: () => metrics.slices() },
  maxBodyBytes: 1024 * 1024,
  hideMounts: false,
  clock: systemClock,
  logger: silentLogger,
  observe: (key) => metrics.webhookObserver(key),
});
const { port } = await server.listen();
process.send?.({ port });
process.on("SIGTERM", () => process.exit());
