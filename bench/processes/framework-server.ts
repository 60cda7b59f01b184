// The floor's work behind hono and its node adapter, the body read from node's own stream: what a framework alone would cost us.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { isGenuine } from "../lib/slack-webhook.ts";

const app = new Hono<{ Bindings: HttpBindings }>();
app.post("/slack/team/events", async ({ env: { incoming } }) => {
  const genuine = isGenuine(incoming.headers, await readAll(incoming), Date.now());
  return new Response(null, { status: genuine ? 200 : 401, headers: { "content-length": "0" } });
});

function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => incoming.on("end", () => resolve(Buffer.concat(chunks))));
}

const server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
await once(server, "listening");
process.send?.({ port: (server.address() as AddressInfo).port });
process.on("SIGTERM", () => process.exit());
