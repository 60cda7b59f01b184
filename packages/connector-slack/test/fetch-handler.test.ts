import { spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { toFetchHandler } from "@statewave-connectors/connector-sdk/receive";
import { message, nowMs, openReceiver, pagesOf, secret, slackRequest } from "./open-receiver.ts";

const url = "http://localhost/slack/team/events";

/** The receiver without a runner, storing into a list that knows the ids it has seen. */
function openHandler(signingSecret = secret, clock = { ...systemClock, now: () => nowMs }) {
  const stored: InboxItem[] = [];
  const handler = toFetchHandler({
    source: { kind: "slack", name: "team" },
    receiver: openReceiver({ signing_secret: signingSecret }),
    clock,
    accept: (item) => {
      const known = stored.some((other) => "id" in item && "id" in other && item.id === other.id);
      if (!known) stored.push(item);
      return Promise.resolve(known ? "duplicate" : "fresh");
    },
  });
  return { stored, handler };
}

function fetchRequest(payload: unknown): Request {
  const { headers, body } = slackRequest(payload);
  return new Request(url, { method: "POST", headers: headers as Record<string, string>, body: Buffer.from(body) });
}

/** Runs the example as a newcomer would. */
async function send(...args: string[]) {
  const script = fileURLToPath(new URL("../../../examples/send-slack-sample.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { out, error, code: code as number };
}

describe("as a plain fetch handler", () => {
  it("stores a signed message once and answers both copies with 200", async () => {
    const { stored, handler } = openHandler();
    expect([(await handler(fetchRequest(message()))).status, (await handler(fetchRequest(message()))).status]).toEqual([
      200, 200,
    ]);
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({ type: "event", id: "Ev0PV52K21", headers: {} });
  });

  it("echoes a challenge", async () => {
    const response = await openHandler().handler(fetchRequest({ type: "url_verification", challenge: "abc" }));
    expect([response.status, await response.text()]).toEqual([200, "abc"]);
  });

  it("refuses an unsigned request and a GET, and stores neither", async () => {
    const { stored, handler } = openHandler();
    expect((await handler(new Request(url, { method: "POST", body: "{}" }))).status).toBe(401);
    expect((await handler(new Request(url))).status).toBe(405);
    expect(stored).toEqual([]);
  });
});

describe("examples/send-slack-sample.mjs", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  async function listen(handler: (request: Request) => Promise<Response>): Promise<string> {
    const server = createServer((incoming: IncomingMessage, outgoing) => {
      void (async () => {
        const headers = incoming.headers as Record<string, string>;
        const response = await handler(new Request(url, { method: "POST", headers, body: await text(incoming) }));
        outgoing.writeHead(response.status).end(await response.text());
      })();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    closers.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/quickstart/events`;
  }

  it("sends a new, signed, mappable message each time", async () => {
    const { stored, handler } = openHandler("sample-secret", systemClock);
    const target = await listen(handler);
    for (const words of ["one", "two"]) {
      expect(await send("--url", target, "--secret", "sample-secret", "--text", words)).toMatchObject({ code: 0, error: "" });
    }
    const bodies = stored.map((item) => ("body" in item ? Buffer.from(item.body).toString() : ""));
    const episodes = (await Promise.all(bodies.map((body) => pagesOf(body)))).flat().flatMap((page) => page.episodes);
    expect(episodes.map((episode) => episode.text)).toEqual(["U0NEWCOMER in C0SAMPLE: one", "U0NEWCOMER in C0SAMPLE: two"]);
    expect(new Set(episodes.map((episode) => episode.idempotency_key)).size).toBe(2);
  });

  it("prints a refusal and ends with 1", async () => {
    const target = await listen(openHandler("sample-secret", systemClock).handler);
    const { code, out } = await send("--url", target, "--secret", "another");
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining("answered 401") });
  });

  it("says that nothing listens and ends with 1", async () => {
    const { code, error } = await send("--url", "http://127.0.0.1:1/slack/quickstart/events");
    expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining("could not be reached") });
  });
});
