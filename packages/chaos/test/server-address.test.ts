import { expect, it } from "vitest";
import { atLocalPort, serverAddress } from "../src/place/server-address.ts";

it.each([
  ["redis://user:secret@store.example/3", { host: "store.example", port: 6379 }],
  ["redis://[::1]:7000", { host: "::1", port: 7000 }],
  ["postgres://u:p@store.example:5555/d?sslmode=disable", { host: "store.example", port: 5555 }],
  ["rediss://store.example", { unreachedBy: "the connection is encrypted" }],
  ["postgres://u:p@store.example/d?sslmode=require", { unreachedBy: "the connection is encrypted" }],
  ["postgres://u:p@store.example/d?ssl=true", { unreachedBy: "the connection is encrypted" }],
  ["postgres:///d?host=/run/postgresql", { unreachedBy: "the connection is a socket of this machine" }],
])("of %s a proxy stands in front where nothing checks who answers", (url, expected) => {
  expect(serverAddress(url, 6379)).toEqual(expected);
});

it("keeps user, password, database and parameters of a URL behind the proxy", () => {
  expect(atLocalPort("postgres://u:p%40@store.example:5555/d?a=b", 4711)).toBe("postgres://u:p%40@127.0.0.1:4711/d?a=b");
  expect(atLocalPort("redis://store.example/3", undefined)).toBe("redis://store.example/3");
});
