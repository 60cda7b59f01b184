// Sends signed deliveries over keep-alive connections, each the next as soon as the former is answered, on bare sockets: an HTTP client
// would need more of the machine than the server under test. Sends one LoadResult to its parent.
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import type { LoadOptions, LoadResult } from "../lib/load.ts";
import { sampleRequests } from "../lib/sample-requests.ts";
import { slackRequest } from "../lib/slack-webhook.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as LoadOptions;
const { port, path, connections, seconds, deliveries = Infinity, idPrefix, sender } = options;
const makeRequest = sender === undefined ? slackRequest : await sampleRequests(sender);
const latenciesMs: number[] = [];
const statuses: Record<string, number> = {};
const startedMs = performance.now();
const endMs = startedMs + seconds * 1000;
let sent = 0;
const hasMore = () => sent < deliveries;

function signedRequest(): string {
  const { headers, body } = makeRequest(`${idPrefix}${(sent += 1)}`, Date.now());
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "accept: */*",
    "content-type: application/json",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** Length of the response that `text` begins with, or undefined when it is not whole. */
function responseLength(text: string): number | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const contentLength = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1];
  if (contentLength === undefined) throw new Error(`a response without content-length: ${text.slice(0, headEnd)}`);
  const length = headEnd + 4 + Number(contentLength);
  return text.length < length ? undefined : length;
}

function runConnection(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    let received = "";
    let sentMs = 0;
    const next = () => {
      sentMs = performance.now();
      if (sentMs < endMs && hasMore()) socket.write(signedRequest());
      else socket.destroy();
    };
    socket.on("connect", next);
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const length = responseLength(received);
      if (length === undefined) return;
      const status = received.slice(9, 12);
      statuses[status] = (statuses[status] ?? 0) + 1;
      latenciesMs.push(performance.now() - sentMs);
      received = received.slice(length);
      next();
    });
    socket.on("error", () => (statuses["error"] = (statuses["error"] ?? 0) + 1));
    socket.on("close", () => resolve());
  });
}

async function keepConnected(): Promise<void> {
  while (performance.now() < endMs && hasMore()) await runConnection();
}

await Promise.all(Array.from({ length: connections }, keepConnected));
const elapsedSeconds = (performance.now() - startedMs) / 1000;
const sorted = Float64Array.from(latenciesMs).toSorted();
const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const requests = latenciesMs.length;
const result: LoadResult = {
  requests,
  perSecond: requests / elapsedSeconds,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  maxMs: at(1),
  statuses,
};
process.send?.(result, () => process.exit());
