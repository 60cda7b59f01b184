import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, test, vi } from "vitest";
import { RawConnection } from "./raw-client.ts";
import { request, type RunningServer, signedPost, startServer, webhookPath } from "./start-server.ts";

/** After whatever was done to it, the server takes webhooks, holds no bytes and has nothing to say. */
async function expectUnharmed({ port, server, accepted, logged, clock }: RunningServer): Promise<void> {
  await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(0));
  const before = accepted.length;
  const connection = await RawConnection.open(port);
  connection.send(signedPost("{}"));
  expect((await connection.response())?.status).toBe(200);
  expect(accepted).toHaveLength(before + 1);
  // A path that bytes at random made up is reported as what it looks like.
  const faults = logged.filter(({ message }) => message !== "webhooks arrive at a path without a receiver");
  expect([faults, clock.pending]).toEqual([[], 0]);
}

const post = (...headers: string[]) => request("POST", webhookPath, ["x-signature: right", ...headers]);
const line = (start: string, host = "test") => `${start}\r\nhost: ${host}\r\n\r\n`;

/** What is sent, and the status that answers it; undefined: the connection is closed without an answer. */
const hostile: [string, string, number | undefined][] = [
  ["nothing like HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400],
  ["an unknown method", line("BREW / HTTP/1.1"), 400],
  ["an unknown version", line("GET / HTTP/9.9"), 400],
  ["HTTP/2 in the clear", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["a bracket as Host", line("GET /healthz HTTP/1.1", "["), 200],
  ["a Host that is no name", line("GET /healthz HTTP/1.1", "a b\\@:99999/%%"), 200],
  ["no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", "GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 200],
  ["HTTP/1.0 without Host", "GET /healthz HTTP/1.0\r\n\r\n", 200],
  ["GET //", line("GET // HTTP/1.1"), 404],
  ["GET ///healthz", line("GET ///healthz HTTP/1.1"), 404],
  ["dot segments", line("GET /x/../healthz HTTP/1.1"), 404],
  ["backslashes", line("GET /\\healthz HTTP/1.1"), 404],
  ["broken percent escapes", line("GET /%zz%u0000%c0%af HTTP/1.1"), 404],
  ["an absolute URL", line("GET http://[::bad/healthz HTTP/1.1"), 200],
  ["an absolute URL without a path", line("GET http://evil.example HTTP/1.1"), 404],
  ["a URL of another scheme", line("GET gopher://x/healthz HTTP/1.1"), 404],
  ["an asterisk", line("OPTIONS * HTTP/1.1"), 404],
  ["__proto__ as path", line("GET /__proto__ HTTP/1.1"), 404],
  ["a URL of 100 kB", line(`GET /${"a".repeat(100_000)} HTTP/1.1`), 431],
  ["a header of 100 kB", request("GET", "/healthz", [`x-long: ${"a".repeat(100_000)}`]), 431],
  ["100 kB of small headers", request("GET", "/healthz", Array<string>(10_000).fill("x-a: 123")), 431],
  ["a header without a name", request("GET", "/healthz", [": x"]), 400],
  ["a NUL in a header", request("GET", "/healthz", ["x-a: \0"]), 400],
  ["a folded header", request("GET", "/healthz", ["x-a: 1\r\n folded"]), 400],
  ["TRACE", line(`TRACE ${webhookPath} HTTP/1.1`), 405],
  ["CONNECT", line("CONNECT evil.example:443 HTTP/1.1"), 405],
  ["OPTIONS", line(`OPTIONS ${webhookPath} HTTP/1.1`), 405],
  ["GET on a webhook's path", line(`GET ${webhookPath} HTTP/1.1`), 405],
  ["POST on a probe", request("POST", "/healthz", ["content-length: 5"], "12345"), 405],
  ["GET with a body", request("GET", "/healthz", ["content-length: 5"], "12345"), 200],
  ["GET with an endless body", request("GET", "/healthz", ["transfer-encoding: chunked"], "5\r\n12345\r\n"), 200],
  ["POST without a length", post(), 200],
  ["a length of 10^30", post("content-length: 1000000000000000000000000000000"), 400],
  ["a length just beyond the limit", post("content-length: 1025"), 413],
  ["a negative length", post("content-length: -1"), 400],
  ["a length in words", post("content-length: five"), 400],
  ["two lengths", post("content-length: 1", "content-length: 2"), 400],
  ["a length and chunks", post("content-length: 5", "transfer-encoding: chunked"), 400],
  ["chunks twice encoded", post("transfer-encoding: chunked, gzip"), 400],
  ["a chunk without a size", `${post("transfer-encoding: chunked")}zz\r\n`, 400],
  ["a chunk longer than it says", `${post("transfer-encoding: chunked")}2\r\nabcd\r\n0\r\n\r\n`, 400],
  ["chunk extensions without end", `${post("transfer-encoding: chunked")}1;${"a".repeat(50_000)}`, 400],
  ["an expectation nobody meets", request("POST", webhookPath, ["expect: miracles", "content-length: 0"]), 417],
  ["no signature", request("POST", webhookPath, ["content-length: 2"], "{}"), 401],
  ["a wrong signature", request("POST", webhookPath, ["x-signature: wrong", "content-length: 2"], "{}"), 401],
];

test.each(hostile)("%s harms no other client", async (_title, bytes, status) => {
  const running = await startServer();
  const connection = await RawConnection.open(running.port);
  connection.send(bytes);
  expect((await connection.response())?.status).toBe(status);
  connection.end();
  await expectUnharmed(running);
});

test("what is refused before it is parsed is answered in JSON and closed", async () => {
  const { port } = await startServer();
  const connection = await RawConnection.open(port);
  connection.send("nonsense\r\n\r\n");
  expect(await connection.response()).toMatchObject({
    headers: { "content-type": "application/json", connection: "close" },
    body: '{"error":"bad_request"}',
  });
  await connection.closed();
});

test("a body longer than its length is cut there, and the rest is no request", async () => {
  const running = await startServer();
  const connection = await RawConnection.open(running.port);
  connection.send(`${post("content-length: 2")}{}surplus`);
  expect(await connection.response()).toMatchObject({ status: 200, headers: { connection: "close" } });
  expect(await connection.response()).toBeUndefined();
  expect(running.accepted).toHaveLength(1);
  await expectUnharmed(running);
});

test("a body shorter than its length stores nothing when the client says that this was all", async () => {
  const running = await startServer();
  const connection = await RawConnection.open(running.port);
  connection.send(`${post("content-length: 100")}{}`);
  connection.end();
  expect((await connection.response())?.status).toBe(400);
  await connection.closed();
  expect(running.accepted).toEqual([]);
  await expectUnharmed(running);
});

test("a pipeline is answered in order, refusals included", async () => {
  const running = await startServer();
  const connection = await RawConnection.open(running.port);
  const refused = request("POST", webhookPath, ["content-length: 2"], "{}");
  connection.send(signedPost("1") + refused + request("GET", "/nowhere") + signedPost("2"));
  const statuses = [];
  for (let count = 0; count < 4; count++) statuses.push((await connection.response())?.status);
  expect(statuses).toEqual([200, 401, 404, 200]);
  await expectUnharmed(running);
});

test("a client that sends and never reads costs no other client anything", async () => {
  const running = await startServer();
  const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(running.port)));
  for (const connection of connections) connection.send(request("GET", "/nowhere").repeat(2_000));
  await expectUnharmed(running);
  for (const connection of connections) connection.destroy();
  await expectUnharmed(running);
});

test("connections that break between request and answer leave nothing behind", async () => {
  const stored = Promise.withResolvers<"fresh">();
  const running = await startServer({ mount: { accept: () => stored.promise } });
  const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(running.port)));
  for (const connection of connections) connection.send(signedPost("12345").repeat(2));
  await vi.waitFor(() => expect(running.server.bodyBytesInFlight).toBe(200));
  for (const connection of connections) connection.destroy();
  stored.resolve("fresh");
  await vi.waitFor(() => expect(running.server.bodyBytesInFlight).toBe(0));
  await running.server.close(new AbortController().signal);
  expect(running.logged).toEqual([]);
});

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);

test(`bytes at random harm no other client (TEST_SEED=${seed})`, async () => {
  const random = seededRandom(seed);
  const running = await startServer();
  const pick = (length: number) => Math.floor(random() * length);
  const mutate = (text: string) => {
    let bytes = text;
    for (let count = pick(4); count >= 0; count--) {
      const at = pick(bytes.length);
      const change = pick(4);
      if (change === 0) bytes = bytes.slice(0, at) + String.fromCharCode(pick(256)) + bytes.slice(at + 1);
      else if (change === 1) bytes = bytes.slice(0, at) + bytes.slice(at + 1 + pick(10));
      else if (change === 2) bytes = bytes.slice(0, at) + bytes.slice(pick(bytes.length)) + bytes.slice(at);
      else bytes = bytes.slice(0, at);
    }
    return bytes;
  };
  const seeds = [
    ...hostile.map(([, bytes]) => bytes).filter((bytes) => bytes.length < 2_000),
    signedPost('{"a":1}'),
    `${post("transfer-encoding: chunked")}5\r\nabcde\r\n0\r\n\r\n`,
  ];
  for (let round = 0; round < 400; round++) {
    const connection = await RawConnection.open(running.port);
    connection.send(mutate(seeds[pick(seeds.length)] ?? ""));
    if (pick(3) === 0) connection.destroy();
    else connection.end();
    await connection.closed();
  }
  await expectUnharmed(running);
});
