import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Ending } from "./workspace.ts";

export interface FailingProxy {
  readonly url: string;
  /** Requests so far, and those of them that failed. */
  readonly counts: { requests: number; failed: number };
}

/** Stands in front of an HTTP server and fails a part of the requests: with 503, by a cut before the server, or by a lost answer. */
export async function startFailingProxy(
  { onTestFinished }: Ending,
  target: string,
  rate: number,
  random: () => number,
): Promise<FailingProxy> {
  const counts = { requests: 0, failed: 0 };
  const ways = ["unavailable", "cut", "lost-answer"] as const;
  const server = createServer((incoming, outgoing) => {
    counts.requests += 1;
    const way = random() < rate ? ways[Math.floor(random() * ways.length)] : undefined;
    if (way !== undefined) counts.failed += 1;
    if (way === "unavailable") return void outgoing.writeHead(503).end();
    if (way === "cut") return void incoming.socket.destroy();
    const { method, headers, url = "/" } = incoming;
    const forwarded = request(new URL(url, target), { method, headers }, (answer) => {
      if (way === "lost-answer") return void answer.resume().once("end", () => incoming.socket.destroy());
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts };
}
