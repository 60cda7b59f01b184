import { text } from "node:stream/consumers";
import { isConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { type Authority, makeAuthority } from "@statewave-connectors/testing/servers";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openConnectorFetch } from "../../src/network/connector-fetch.ts";
import { type Network, networkOf, plainNetwork } from "../../src/network/network.ts";
import { closedPort, fileWith, httpServer, proxyServer, tcpServer, tlsServer } from "./servers.ts";

function fetchThrough(network: Network = plainNetwork): typeof globalThis.fetch {
  const { fetch, close } = openConnectorFetch({ network, logger: silentLogger });
  onTestFinished(close);
  return fetch;
}

/** What a connector that handles nothing makes the runner see. */
async function failureOf(url: string, network?: Network, init?: RequestInit): Promise<unknown> {
  return fetchThrough(network)(url, init)
    .then((response) => response.text())
    .then(
      (body) => `no failure, but ${body}`,
      (error: unknown) => error,
    );
}

const query = "?token=in-the-query";

describe("a request that the network fails", () => {
  let authority: Authority;
  let stranger: Authority;
  beforeAll(async () => {
    [authority, stranger] = await Promise.all([makeAuthority(), makeAuthority("Stranger")]);
  });
  const trusting = () => networkOf({ caFile: fileWith(authority.certificate) }, {});
  const answering = (names: readonly string[], days?: number) => async () =>
    tlsServer(await authority.issue(names, days), (_request, response) => response.end("hello"));

  test.each<[string, string, () => Promise<number>, RegExp, RegExp]>([
    ["is refused", "http", closedPort, /refuses the connection \(ECONNREFUSED\)$/, /the server runs/],
    ["is reset", "http", () => tcpServer((socket) => socket.resetAndDestroy()), /broke off \(\w+\)$/, /firewalls/],
    [
      "is closed unanswered",
      "http",
      () => tcpServer((socket) => socket.once("data", () => socket.end())),
      /broke off \(\w+\)$/,
      /./,
    ],
    [
      "meets another protocol",
      "http",
      () => tcpServer((socket) => socket.end("220 smtp\r\n")),
      /as an HTTP server \(\w+\)$/,
      /port/,
    ],
    [
      "meets a server without TLS",
      "https",
      () => httpServer((_request, response) => response.end()),
      /^no TLS .* \(\w+\)$/,
      /http:/,
    ],
    ["breaks off within the body", "http", () => httpServer(cutBody), /broke off \(\w+\)$/, /./],
    ["breaks off within a body that is not compressed as it says", "http", () => httpServer(badGzip), /broke off \(\w+\)$/, /./],
  ])("which %s, is retryable and names host and reason", async (_what, scheme, start, message, hint) => {
    const host = `127.0.0.1:${await start()}`;
    expectNetworkError(await failureOf(`${scheme}://${host}/items${query}`), host, message, hint);
  });

  test.each([1, 9, 6000])("because fetch blocks its port %d, names the port", async (port) => {
    const error = await failureOf(`http://127.0.0.1:${port}/items${query}`);
    expectNetworkError(error, `127.0.0.1:${port}`, /never requested.*\(bad port\)$/, /check the port/);
  });

  test("because the name is unknown, is retryable and proposes a proxy", async () => {
    const error = await failureOf(`http://nowhere.invalid/items${query}`);
    expectNetworkError(error, "nowhere.invalid", /cannot be resolved \((ENOTFOUND|EAI_AGAIN)\)$/, /\[runner.http\] proxy/);
  });

  test.each<[string, () => Promise<number>, RegExp]>([
    ["an unknown authority", async () => tlsServer(await stranger.issue(["IP:127.0.0.1"]), answer), /\[runner.http\] ca_file/],
    ["another name", answering(["DNS:other.example"]), /a name in its certificate.*\[runner.http\] ca_file/],
    ["a past validity", answering(["IP:127.0.0.1"], 0), /period of the certificate.*\[runner.http\] ca_file/],
  ])("because of a certificate with %s, is retryable and names the setting for authorities", async (_what, start, hint) => {
    const host = `127.0.0.1:${await start()}`;
    expectNetworkError(await failureOf(`https://${host}/${query}`, trusting()), host, /certificate of .* not accepted/, hint);
  });

  test("because of its own authority, succeeds with [runner.http] ca_file, beside those that Node trusts", async () => {
    const port = await answering(["IP:127.0.0.1"])();
    expect(await failureOf(`https://127.0.0.1:${port}/`)).toMatchObject({ code: "NETWORK_FAILED" });
    expect(await failureOf(`https://127.0.0.1:${port}/`, trusting())).toBe("no failure, but hello");
  });

  test("because the file of authorities has gone, names the file and succeeds once it is back", async () => {
    const port = await answering(["IP:127.0.0.1"])();
    const caFile = fileWith(authority.certificate);
    const fetch = fetchThrough(networkOf({ caFile: `${caFile}.later` }, {}));
    await expect(fetch(`https://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: "NETWORK_FAILED",
      message: expect.stringContaining(`${caFile}.later`),
      hint: expect.stringContaining("ca_file"),
      retryable: true,
    });
    const { rename } = await import("node:fs/promises");
    await rename(caFile, `${caFile}.later`);
    expect(await (await fetch(`https://127.0.0.1:${port}/`)).text()).toBe("hello");
  });
});

describe("a failure that is not the network's", () => {
  test.each(["before the request", "before the answer", "within the body"])("an abort %s stays one", async (when) => {
    const abort = new AbortController();
    const reason = new Error("no longer wanted");
    const port = await httpServer((_request, response) => {
      if (when === "within the body") response.writeHead(200, { "content-length": 10 }).write("half");
      if (when === "before the answer") abort.abort(reason);
    });
    if (when === "before the request") abort.abort(reason);
    const fetch = fetchThrough();
    const failing = fetch(`http://127.0.0.1:${port}/`, { signal: abort.signal }).then((response) => {
      queueMicrotask(() => abort.abort(reason));
      return response.text();
    });
    await expect(failing).rejects.toBe(reason);
  });

  test("an abort of a Request's own signal stays one", async () => {
    const abort = new AbortController();
    const port = await httpServer(() => abort.abort(new Error("enough")));
    const request = new Request(`http://127.0.0.1:${port}/`, { signal: abort.signal });
    await expect(fetchThrough()(request)).rejects.toThrow("enough");
  });

  test.each([
    ["a URL that is none", "not a url", {}],
    ["a redirect that must not be followed", undefined, { redirect: "error" }],
    ["a body beside GET", undefined, { body: "x" }],
  ] as const)("%s stays a TypeError, because trying again does not help", async (_what, url, init) => {
    const port = await httpServer((_request, response) => response.writeHead(302, { location: "/" }).end());
    const error = await failureOf(url ?? `http://127.0.0.1:${port}/`, undefined, init);
    expect([isConnectorsError(error), error instanceof TypeError]).toEqual([false, true]);
  });
});

describe("an answer", () => {
  test("keeps its status, headers, address and body", async () => {
    const port = await httpServer((request, response) => {
      if (request.url === "/old") response.writeHead(301, { location: "/new" }).end();
      else response.writeHead(201, "Made", { "x-one": "1", "set-cookie": ["a=1", "b=2"] }).end('{"done":true}');
    });
    const response = await fetchThrough()(`http://127.0.0.1:${port}/old`);
    const { status, statusText, url, redirected, type, ok } = response;
    expect({ status, statusText, url, redirected, type, ok }).toEqual({
      status: 201,
      statusText: "Made",
      url: `http://127.0.0.1:${port}/new`,
      redirected: true,
      type: "basic",
      ok: true,
    });
    expect([response.headers.get("x-one"), response.headers.getSetCookie()]).toEqual(["1", ["a=1", "b=2"]]);
    expect(await response.clone().json()).toEqual({ done: true });
    expect(await response.text()).toBe('{"done":true}');
    expect(response.bodyUsed).toBe(true);
  });

  test.each([204, 304])("with status %d has no body", async (status) => {
    const port = await httpServer((_request, response) => response.writeHead(status).end());
    const response = await fetchThrough()(`http://127.0.0.1:${port}/`);
    expect([response.status, response.body, await response.text()]).toEqual([status, null, ""]);
  });

  test("whose body is given up frees its connection", async () => {
    const closed = Promise.withResolvers<void>();
    const port = await httpServer((_request, response) => {
      response.on("close", closed.resolve);
      response.writeHead(200).write("the first of many");
    });
    const response = await fetchThrough()(`http://127.0.0.1:${port}/`);
    for await (const chunk of response.body ?? []) {
      expect(Buffer.from(chunk).toString()).toBe("the first of many");
      break;
    }
    await closed.promise;
  });
});

describe("a proxy", () => {
  test("gets plain requests whole, and reaches names that only it knows", async () => {
    const port = await httpServer((request, response) =>
      response.end(`${request.method} ${request.url} ${request.headers.host}`),
    );
    const proxy = await proxyServer();
    const url = `http://api.example:${port}/items?page=2`;
    expect(await failureOf(url, networkOf({}, { HTTP_PROXY: proxy.url }))).toBe(
      `no failure, but GET /items?page=2 api.example:${port}`,
    );
    expect(proxy.requests).toEqual([`GET ${url}`]);
  });

  test("opens tunnels for TLS, through which the certificate is checked against [runner.http] ca_file", async () => {
    const authority = await makeAuthority();
    const port = await tlsServer(await authority.issue(["DNS:api.example"]), answer);
    const proxy = await proxyServer({ credentials: "me:p@ss word" });
    const network = networkOf(
      { proxy: new Secret(proxy.url.replace("//", "//me:p%40ss%20word@")), caFile: fileWith(authority.certificate) },
      {},
    );
    expect(await failureOf(`https://api.example:${port}/`, network)).toBe("no failure, but hello");
    const wrongName = await failureOf(`https://other.example:${port}/`, network);
    expectNetworkError(wrongName, `other.example:${port}`, /not accepted \(ERR_TLS_CERT_ALTNAME_INVALID\)$/, /name/);
    expect(proxy.requests).toEqual([`CONNECT api.example:${port}`, `CONNECT other.example:${port}`]);
  });

  test("is used for every kind of request", async () => {
    const port = await httpServer((request, response) => {
      void text(request).then((body) => response.end(`${request.headers["content-type"]} ${body}`));
    });
    const proxy = await proxyServer();
    const fetch = fetchThrough(networkOf({}, { http_proxy: proxy.host }));
    const url = new URL(`http://api.example:${port}/`);
    const form = new FormData();
    form.set("field", "value");
    const answers = await Promise.all(
      [
        fetch(url, { method: "POST", body: new URLSearchParams({ a: "b" }) }),
        fetch(new Request(url, { method: "PUT", body: "text" })),
        fetch(url, { method: "POST", body: form }),
      ].map(async (response) => (await response).text()),
    );
    expect(answers).toEqual([
      "application/x-www-form-urlencoded;charset=UTF-8 a=b",
      "text/plain;charset=UTF-8 text",
      expect.stringMatching(/^multipart\/form-data; boundary=[^]*name="field"\r\n\r\nvalue\r\n/),
    ]);
    expect(proxy.requests).toHaveLength(3);
  });

  test("is left out for what NO_PROXY names, also behind a redirect", async () => {
    const inner = await httpServer((_request, response) => response.end("inner"));
    const outer = await httpServer((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${inner}/` }).end(),
    );
    const proxy = await proxyServer();
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: `127.0.0.1:${inner}` };
    expect(await failureOf(`http://127.0.0.1:${outer}/`, networkOf({}, env))).toBe("no failure, but inner");
    expect(proxy.requests).toEqual([`GET http://127.0.0.1:${outer}/`]);
  });

  test.each(["http", "https"])("that is unreachable is named instead of the host of a request by %s", async (scheme) => {
    const proxy = `127.0.0.1:${await closedPort()}`;
    const error = await failureOf(`${scheme}://api.example/${query}`, networkOf({}, { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }));
    const setting = scheme === "http" ? /check HTTP_PROXY, .*NO_PROXY/ : /check HTTPS_PROXY, .*NO_PROXY/;
    expectNetworkError(error, `the proxy ${proxy}`, /refuses the connection \(ECONNREFUSED\)$/, setting);
  });

  test.each(["http", "https"])(
    "that requires credentials for %s says where to write them, and not what was written",
    async (scheme) => {
      const proxy = await proxyServer({ credentials: "me:right-password" });
      const network = networkOf({ proxy: new Secret(proxy.url.replace("//", "//me:wrong-password@")) }, {});
      const error = await failureOf(`${scheme}://api.example/${query}`, network);
      expectNetworkError(error, proxy.host, /requires a user name and a password/, /\[runner.http\] proxy, as user:password@/);
      expect(JSON.stringify([String(error), error])).not.toContain("wrong-password");
    },
  );

  test("that opens no tunnel is named with its answer", async () => {
    const proxy = await proxyServer({ refuseTunnels: 403 });
    const error = await failureOf(`https://api.example/${query}`, networkOf({}, { HTTPS_PROXY: proxy.url }));
    expectNetworkError(error, "api.example", new RegExp(`the proxy ${proxy.host} answered 403 to CONNECT`), /NO_PROXY/);
  });

  test("that never answers does not outlast an abort", async () => {
    const proxy = await proxyServer({ refuseTunnels: "silent" });
    const abort = new AbortController();
    const failing = failureOf("https://api.example/", networkOf({}, { HTTPS_PROXY: proxy.url }), { signal: abort.signal });
    await expect.poll(() => proxy.requests).toEqual(["CONNECT api.example:443"]);
    abort.abort(new Error("enough"));
    expect(await failing).toMatchObject({ message: "enough" });
  });
});

test("an injected fetch is used as it is; its error's code is reported and nothing else of it", async () => {
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (_message: string, fields?: object) => void warnings.push(fields) };
  const cause = Object.assign(new Error("to http://user:secret@p"), { code: "ECONNRESET" });
  const fetchImpl = () => Promise.reject(new TypeError("fetch failed", { cause }));
  const { fetch } = openConnectorFetch({ network: networkOf({}, { HTTP_PROXY: "http://p:1" }), fetchImpl, logger });
  await expect(fetch("http://api.example/x?y")).rejects.toMatchObject({
    code: "NETWORK_FAILED",
    message: "the connection to api.example broke off (ECONNRESET)",
  });
  expect(warnings).toHaveLength(1);
});

const answer: Parameters<typeof httpServer>[0] = (_request, response) => response.end("hello");

const cutBody: Parameters<typeof httpServer>[0] = (_request, response) => {
  response.writeHead(200, { "content-length": 100 }).write("half", () => response.destroy());
};

const badGzip: Parameters<typeof httpServer>[0] = (_request, response) => {
  response.writeHead(200, { "content-encoding": "gzip" }).end(Buffer.from("1f8b0800000000000003ffffffff", "hex"));
};

function expectNetworkError(error: unknown, host: string, message: RegExp, hint: RegExp): void {
  expect(error).toMatchObject({ code: "NETWORK_FAILED", retryable: true });
  if (!isConnectorsError(error)) throw error;
  expect(error.message).toMatch(message);
  expect(error.message).toContain(host);
  expect(error.message).toMatch(/\(([A-Z][A-Z0-9_]+|HTTPParserError|bad port)\)$/);
  expect(error.hint).toMatch(hint);
  expect(`${error.message} ${error.hint}`).not.toContain("in-the-query");
}
