import { once } from "node:events";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { isOverloaded } from "../../src/paging/index.ts";
import { clockAt2026, entry, errorOf, openClient, openProvider, signal, startProvider } from "./start-provider.ts";

const asked = `GET /items for ${entry}`;
const tooLarge = `Acme's answer to ${asked} is larger than 100000 bytes`;

describe("a body", () => {
  const open = (handler: Parameters<typeof openProvider>[0]) => openProvider(handler, { limits: { maxBodyBytes: 100_000 } });

  test("that a megabyte of gzip makes a gigabyte of is cut off after decompression", async () => {
    const part = gzipSync(Buffer.alloc(1024 * 1024, " "));
    const { client } = await open((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      for (let at = 0; at < 1_000; at += 1) response.write(part);
      response.end();
    });
    const before = process.memoryUsage().arrayBuffers;
    const error = await errorOf(client.get("items", { signal }));
    expect(error).toMatchObject({ code: "ACME_BAD_ANSWER", message: tooLarge, retryable: true });
    expect(isOverloaded(error)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
  });

  test("that a kilobyte of Brotli makes 64 megabytes of is cut off after decompression", async () => {
    const bomb = brotliCompressSync(Buffer.alloc(64 * 1024 * 1024, " "));
    expect(bomb.length).toBeLessThan(1_000);
    const { client } = await open((_, response) => {
      response.writeHead(200, { "content-encoding": "br" }).end(bomb);
      return undefined;
    });
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({ message: tooLarge });
  });

  test("without end is cut off, and its connection is closed", async () => {
    const closed = Promise.withResolvers<void>();
    const { client } = await open((_, response) => {
      response.on("close", () => closed.resolve());
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000, "x")));
      };
      response.on("drain", more);
      more();
    });
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({ message: tooLarge });
    await closed.promise;
  });

  test("that is no gzip although it says so is an error of the connection", async () => {
    const { client } = await openProvider({ headers: { "content-encoding": "gzip" }, body: "no gzip" });
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({ code: "ACME_UNAVAILABLE" });
  });

  test("that ends before its length is an error of the connection", async () => {
    const { client } = await openProvider((_, response) => {
      response.writeHead(200, { "content-length": "100" }).write("[1,");
      setImmediate(() => response.destroy());
    });
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({ code: "ACME_UNAVAILABLE", retryable: true });
  });

  test.each(["[".repeat(90_000), `${"[".repeat(45_000)}12345678901234567890${"]".repeat(45_000)}`])(
    "nested without end is no JSON",
    async (body) => {
      const { client } = await openProvider({ body });
      expect(await errorOf(client.get("items", { signal }))).toMatchObject({ code: "ACME_BAD_ANSWER" });
    },
  );
});

describe("the deadline", () => {
  test.each(["headers", "body"])("covers the %s", async (phase) => {
    const clock = clockAt2026();
    const { client } = await openProvider(
      (_, response) => {
        if (phase === "body") {
          response.writeHead(200).write("[");
          response.on("error", () => undefined);
        }
        setImmediate(() => void clock.advance(7_000));
        return undefined;
      },
      { clock, limits: { timeoutMs: 7_000 } },
    );
    const error = await errorOf(client.get("items", { signal }));
    expect(error).toMatchObject({
      code: "ACME_UNAVAILABLE",
      message: `Acme did not finish its answer to ${asked} within 7 s`,
      retryable: true,
    });
    expect(isOverloaded(error)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("ends a body that drips on for ever", async () => {
    const clock = clockAt2026();
    const { client } = await openProvider(
      (_, response) => {
        response.writeHead(200).write("[");
        const drip = () => {
          if (response.destroyed) return;
          response.write("1,", () => setImmediate(drip));
          void clock.advance(100);
        };
        drip();
        return undefined;
      },
      { clock },
    );
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({ code: "ACME_UNAVAILABLE" });
  });

  test("holds for a fetch that does not heed its signal", async () => {
    const clock = clockAt2026();
    const fetch = () => {
      setImmediate(() => void clock.advance(30_000));
      return new Promise<Response>(() => undefined);
    };
    const { client } = openClient("http://acme.test", { context: { clock, fetch } });
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({ message: expect.stringContaining("within 30 s") });
  });
});

describe("an abort", () => {
  const reason = new Error("stop now");

  test("before the request sends nothing", async () => {
    const { provider, client } = await openProvider({});
    expect(await errorOf(client.get("items", { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(provider.seen).toEqual([]);
  });

  test("ends the wait for an authorizer that does not heed it", async () => {
    const controller = new AbortController();
    const { client } = await openProvider({}, { authorize: () => new Promise<never>(() => undefined) });
    setImmediate(() => controller.abort(reason));
    expect(await errorOf(client.get("items", { signal: controller.signal }))).toBe(reason);
  });

  test("while credentials are made reaches the authorizer", async () => {
    const controller = new AbortController();
    const authorize = (given: AbortSignal) =>
      new Promise<never>((_, reject) => given.addEventListener("abort", () => reject(given.reason as Error)));
    const { client } = await openProvider({}, { authorize });
    setImmediate(() => controller.abort(reason));
    expect(await errorOf(client.get("items", { signal: controller.signal }))).toBe(reason);
  });

  test.each(["headers", "body"])(
    "during the %s ends with its reason and leaves no timer and no listener behind",
    async (phase) => {
      const controller = new AbortController();
      const { client, clock } = await openProvider((_, response) => {
        if (phase === "body") response.writeHead(200).write("[");
        setTimeout(() => controller.abort(reason), phase === "body" ? 20 : 0);
        return undefined;
      });
      expect(await errorOf(client.get("items", { signal: controller.signal }))).toBe(reason);
      expect(clock.pending).toBe(0);
    },
  );

  test("after many requests finds no listener left", async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal: own } = controller;
    const add = own.addEventListener.bind(own);
    const remove = own.removeEventListener.bind(own);
    own.addEventListener = (...args: Parameters<typeof add>) => ((listeners += 1), add(...args));
    own.removeEventListener = (...args: Parameters<typeof remove>) => ((listeners -= 1), remove(...args));
    const { client, clock } = await openProvider({ body: {} });
    for (let at = 0; at < 20; at += 1) await client.get("items", { signal: own });
    expect([listeners, clock.pending]).toEqual([0, 0]);
  });
});

describe("headers", () => {
  test("of 100 KB are refused, whether undici or the client measures them", async () => {
    const link = `<x>; rel="${"a ".repeat(50_000)}"`;
    const { client } = await openProvider({ headers: { link }, body: {} });
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({ code: "ACME_UNAVAILABLE" });
    const fetch = () => Promise.resolve(new Response("{}", { headers: { link } }));
    const { client: injected } = openClient("http://acme.test", { context: { clock: clockAt2026(), fetch } });
    expect(await errorOf(injected.get("items", { signal }))).toMatchObject({
      code: "ACME_BAD_ANSWER",
      message: expect.stringContaining("has a Link header that cannot be read"),
    });
  });
});

describe("a redirect", () => {
  test("within the origin keeps the credentials, and a lasting one is reported", async () => {
    const authorize = () => ({ authorization: "Bearer t" });
    const to = (status: number) =>
      openProvider(({ url }) => (url === "/items" ? { status, headers: { location: "/there?x=1" } } : { body: [url] }), {
        authorize,
      });
    for (const [status, moved] of [
      [301, true],
      [302, false],
      [303, false],
      [307, false],
      [308, true],
    ] as const) {
      const { provider, client } = await to(status);
      expect(await client.get("items", { signal })).toMatchObject({ moved, requestName: `GET /there for ${entry}` });
      expect(provider.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
        ["/items", "Bearer t"],
        ["/there?x=1", "Bearer t"],
      ]);
    }
  });

  test.each([undefined, []])(
    "to another origin is refused, with the setting in the hint (allowedHosts: %j)",
    async (allowedHosts) => {
      const other = await startProvider(() => ({ body: {} }));
      const { provider, client } = await openProvider(
        { status: 302, headers: { location: `${other.url}/items?token=x` } },
        { authorize: () => ({ authorization: "Bearer t" }), ...(allowedHosts === undefined ? {} : { allowedHosts }) },
      );
      const error = await errorOf(client.get("items", { signal }));
      const host = `127.0.0.1:${other.port}`;
      expect(error).toMatchObject({
        code: "ACME_BAD_ANSWER",
        message: `Acme at ${provider.url} points ${asked} to another address, http://${host}, which is not followed`,
        hint: `set \`base_url\` to the name that the server uses${
          allowedHosts === undefined ? "" : `, or add "${host}" to \`allowed_hosts\``
        }, if ${host} is the same server; otherwise check any proxy on the way`,
      });
      expect(other.seen).toEqual([]);
    },
  );

  test.each([
    ["host and port", (port: number) => `localhost:${port}`],
    ["host", () => "LOCALHOST"],
    ["host of another scheme", () => "127.0.0.1"],
  ])("or a link to an allowed %s is followed at the base URL, and nowhere else", async (_, allowed) => {
    const name = allowed(1).startsWith("127") ? "127.0.0.1" : "localhost";
    const provider = await startProvider(({ url }) =>
      url === "/items"
        ? {
            headers: { link: `<${name === "127.0.0.1" ? "https" : "http"}://${name}:${provider.port}/items?page=2>; rel="next"` },
            body: [1],
          }
        : { body: [2] },
    );
    const { client } = openClient(provider.url, { allowedHosts: [allowed(provider.port)] });
    const { next } = await client.get("items", { signal });
    expect((await client.get(next ?? "", { signal })).body).toEqual([2]);
    expect(provider.seen.map(({ url, headers }) => [url, headers.host])).toEqual([
      ["/items", `127.0.0.1:${provider.port}`],
      ["/items?page=2", `127.0.0.1:${provider.port}`],
    ]);
  });

  test.each([
    ["in a circle", 2, ({ url }: { url: string }) => (url === "/a" ? "/items" : "/a")],
    ["to itself", 1, () => "/items"],
    ["to ever new places", 6, ({ url }: { url: string }) => `${url}x`],
  ])("%s ends after %i requests", async (_, requests, location) => {
    const { provider, client } = await openProvider((request) => ({ status: 302, headers: { location: location(request) } }));
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({
      code: "ACME_BAD_ANSWER",
      message: `Acme's answer to ${asked} redirects in a circle`,
    });
    expect(provider.seen.length).toBe(requests);
  });

  test.each(["", "javascript:alert(1)", "http://[", "file:///etc/passwd"])("to %j is refused", async (location) => {
    const { client } = await openProvider({ status: 301, headers: { location } });
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({ code: "ACME_BAD_ANSWER" });
  });

  test("to the provider's own origin with user information is refused without quoting it", async () => {
    const { provider, client } = await openProvider(({ headers }) => ({
      status: 301,
      headers: { location: `http://ada:s3cret@${headers.host}/there` },
    }));
    const error = await errorOf(client.get("items", { signal }));
    expect(error).toMatchObject({ code: "ACME_BAD_ANSWER", message: expect.stringContaining("no URL of its API") });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain("s3cret");
    expect(provider.seen).toHaveLength(1);
  });

  test("of a POST is followed only where it stays a POST", async () => {
    const to = (status: number) =>
      openProvider(({ url }) => (url === "/items" ? { status, headers: { location: "/there" } } : { body: {} }));
    const { provider, client } = await to(307);
    await client.post("items", { signal, body: { json: { a: 1 } } });
    expect(provider.seen.at(-1)).toMatchObject({ method: "POST", url: "/there", body: '{"a":1}' });
    const { client: turned } = await to(302);
    expect(await errorOf(turned.post("items", { signal, body: { json: {} } }))).toMatchObject({ code: "ACME_BAD_ANSWER" });
  });
});

test("a server that closes the connection at once is an error of the connection", async () => {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const { client } = openClient(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  expect(await errorOf(client.get("items", { signal }))).toMatchObject({ code: "ACME_UNAVAILABLE", retryable: true });
  server.close();
});
