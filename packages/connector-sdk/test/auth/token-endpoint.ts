import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

export interface TokenCall {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly form: Readonly<Record<string, string>>;
}

export interface EndpointAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A token endpoint on loopback that notes what it is sent. `answer` undefined: it takes the request and never answers. */
export async function startTokenEndpoint(answer: (call: TokenCall) => EndpointAnswer | undefined) {
  const calls: TokenCall[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method, url, headers } = request;
      const call = { method, url, headers, form: Object.fromEntries(new URLSearchParams(body)) };
      calls.push(call);
      waiting.shift()?.();
      const given = answer(call);
      if (given === undefined) return;
      const { status = 200, headers: sent = { "content-type": "application/json" }, body: content } = given;
      response.writeHead(status, sent).end(typeof content === "string" ? content : JSON.stringify(content));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/oauth/tokens`,
    calls,
    nextCall: () => new Promise<void>((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
