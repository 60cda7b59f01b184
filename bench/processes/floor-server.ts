// The floor that others are measured against: node:http, the whole body, Slack's signature, 200. Nothing is stored.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isGenuine } from "../lib/slack-webhook.ts";

const server = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const genuine = isGenuine(incoming.headers, Buffer.concat(chunks), Date.now());
    outgoing.writeHead(genuine ? 200 : 401, { "content-length": 0 });
    outgoing.end();
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("SIGTERM", () => process.exit());
