import type { IncomingMessage, RequestOptions } from "node:http";
import { request as httpRequest } from "../../http/node-http.ts";
import { type Network, plainNetwork } from "../../network/network.ts";
import { type Transport, type TransportRequest, toSinkAnswer, undiciTransport } from "./transport.ts";

/**
 * A connection for each request, through Node's own client, which a process with a port has loaded anyway: for a process that has nothing to
 * send yet, and need not load undici. Requests through a proxy take undici.
 */
export function singleRequests(network: Network = plainNetwork): Transport {
  const proxied = undiciTransport(network);
  return {
    send(request) {
      const isProxied = network.proxyFor(new URL(request.url)) !== undefined;
      return isProxied ? proxied.send(request) : sendAlone(request, network);
    },
    close: () => proxied.close(),
  };
}

async function sendAlone({ method, url, headers, body, signal, isEnough }: TransportRequest, network: Network) {
  const options = { ...(url.startsWith("https:") && (await tlsOf(network))), method, headers, signal, agent: false } as const;
  const response = await responseTo(url, options, body);
  return toSinkAnswer({ status: response.statusCode ?? 0, headers: response.headers, body: response }, isEnough);
}

async function tlsOf(network: Network) {
  const { authoritiesOf } = await import("../../network/authorities.ts");
  return authoritiesOf(network);
}

function responseTo(url: string, options: RequestOptions, body: TransportRequest["body"]): Promise<IncomingMessage> {
  const request = url.startsWith("https:") ? process.getBuiltinModule("node:https").request : httpRequest;
  return new Promise((resolve, reject) => {
    // Once there is a response, an error of the connection is an error of its body, too.
    request(url, options, resolve).on("error", reject).end(body);
  });
}
