import { expect, test } from "vitest";
import { configuredSink } from "../../src/sink-binding/sink-identity.ts";

const sinkAt = (url: string, tenantId?: string) =>
  configuredSink({ statewave: { url, ...(tenantId === undefined ? {} : { tenantId }) }, baseDir: "/etc/connectors" });

test.each([
  ["a slash at the end", "http://memory.example/v2/"],
  ["the default port", "http://memory.example:80/v2"],
  ["capitals in the host", "HTTP://Memory.Example/v2"],
  ["user info", "http://me:p%40ss@memory.example/v2"],
  ["a query and a fragment", "http://memory.example/v2?token=t0psecret#top"],
])("%s makes no other sink, and is not in the label", (_, url) => {
  expect(sinkAt(url)).toEqual(sinkAt("http://memory.example/v2"));
  expect(sinkAt(url).label).toBe("http://memory.example/v2");
});

test.each([
  ["http://memory.example", "https://memory.example"],
  ["http://memory.example", "http://memory.example:8100"],
  ["http://memory.example", "http://memory.example/v2"],
  ["file:a.jsonl", "file:b.jsonl"],
  ["stdout:", "file:stdout"],
])("%s and %s are two sinks", (left, right) => {
  expect(sinkAt(left).fingerprint).not.toBe(sinkAt(right).fingerprint);
});

test("a tenant is another sink, and in the label", () => {
  expect(sinkAt("http://memory.example", "acme").label).toBe("http://memory.example, tenant acme");
  expect(sinkAt("http://memory.example", "acme").fingerprint).not.toBe(sinkAt("http://memory.example").fingerprint);
});

test("a file is known by its resolved path", () => {
  expect(sinkAt("file:./out/../episodes.jsonl")).toEqual(sinkAt("file:///etc/connectors/episodes.jsonl"));
});

test("an ingest function is a sink of its own, whatever the address", () => {
  const ingest = async () => undefined;
  const at = (url: string) => configuredSink({ statewave: { url }, baseDir: "/", ingest });
  expect(at("http://a")).toEqual(at("http://b"));
});
