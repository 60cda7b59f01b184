import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { freePort } from "../src/free-port.ts";

afterEach(() => void vi.restoreAllMocks());

test("is one that no program listens on, and that no outgoing connection is given", async () => {
  const taken = await freePort();
  expect(taken).toBeLessThan(32_768);
  const server = createServer().listen(taken, "127.0.0.1");
  await once(server, "listening");
  // Chance points at the one that is taken first.
  vi.spyOn(Math, "random").mockReturnValueOnce((taken - 20_000) / 12_000);
  const free = await freePort();
  expect(free).not.toBe(taken);
  const other = createServer().listen(free, "127.0.0.1");
  await once(other, "listening");
  server.close();
  other.close();
});
