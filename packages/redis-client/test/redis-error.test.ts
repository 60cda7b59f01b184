import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Redis, ReplyError } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { toRedisError } from "../src/index.ts";

/** What `ioredis` throws when a server answers with an error. */
const answered = (text: string) => new ReplyError(text) as Error;

test.each([
  { text: "OOM command not allowed when used memory > 'maxmemory'.", code: "INBOX_UNAVAILABLE", retryable: true },
  { text: "LOADING Redis is loading the dataset in memory", code: "INBOX_UNAVAILABLE", retryable: true },
  { text: "READONLY You can't write against a read only replica.", code: "INBOX_UNAVAILABLE", retryable: true },
  { text: "NOPERM this user has no permissions", code: "INBOX_ACCESS_DENIED", retryable: false },
  { text: "ERR ACL failure in script: User x has no permissions", code: "INBOX_ACCESS_DENIED", retryable: false },
  { text: "ERR The user executing the script can't run this command", code: "INBOX_ACCESS_DENIED", retryable: false },
  { text: "WRONGTYPE Operation against a key", code: "INBOX_QUERY_FAILED", retryable: false },
])("an answer that begins with $text is $code", ({ text, code, retryable }) => {
  expect(toRedisError("INBOX", answered(text))).toMatchObject({ code, retryable });
});

test.each(["MOVED 3999 127.0.0.1:6381", "CROSSSLOT Keys in request don't hash to the same slot"])(
  "%j names the cluster and the hash tag",
  (text) => {
    const { code, message, hint } = toRedisError("STORE", answered(text));
    expect({ code, message }).toMatchObject({ code: "STORE_QUERY_FAILED", message: expect.stringContaining("cluster") });
    expect(hint).toContain("{statewave_runner}:");
  },
);

test("what is no answer of the server is a matter of the connection", async () => {
  const client = new Redis({ port: 1, lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  const error: unknown = await client.ping().catch((thrown: unknown) => thrown);
  expect(toRedisError("STORE", error)).toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true });
});

test("what listens at the address and is no Redis is named by its port, without advice of the driver's", async () => {
  const server = createServer((socket) => socket.on("error", () => undefined).write("SSH-2.0-OpenSSH_9.9\r\n"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new Redis({ port: (server.address() as AddressInfo).port, retryStrategy: () => null });
  onTestFinished(() => {
    client.disconnect();
    server.close();
  });
  client.on("error", () => undefined);
  const [error] = (await once(client, "error")) as [unknown];
  const { code, message, hint } = toRedisError("STORE", error);
  expect({ code, hint }).toMatchObject({ code: "STORE_UNAVAILABLE", hint: expect.stringContaining("check host and port") });
  expect(message).not.toContain("report");
});
