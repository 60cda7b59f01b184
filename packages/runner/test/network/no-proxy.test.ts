import { expect, test } from "vitest";
import { parseNoProxy } from "../../src/network/no-proxy.ts";

test.each([
  ["", [], ["a.example", "localhost"]],
  [
    "a.example",
    ["http://a.example/", "https://A.EXAMPLE:8443/x", "https://deep.a.example/", "http://a.example./"],
    ["b-a.example", "example"],
  ],
  [".a.example", ["http://a.example/", "http://x.a.example/"], ["aa.example"]],
  ["*.a.example", ["http://x.a.example/", "http://y.x.a.example/"], ["a.example", "xa.example"]],
  ["*", ["http://a.example/", "https://10.1.2.3/", "http://[::1]:80/"], []],
  ["none.invalid, *", ["http://a.example/"], []],
  ["a.example:8080", ["http://a.example:8080/", "http://x.a.example:8080/"], ["a.example", "a.example:80"]],
  ["a.example:443", ["https://a.example/", "https://a.example:443/"], ["a.example", "a.example:8443"]],
  ["*:80", ["http://a.example/"], ["a.example:81"]],
  ["localhost,127.0.0.1", ["http://localhost:3000/", "http://127.0.0.1/"], ["127.0.0.2", "0.0.0.1"]],
  ["10.0.0.0/8 192.168.7.0/24", ["http://10.255.0.1/", "http://192.168.7.9/"], ["192.168.8.1", "11.0.0.1", "10.example"]],
  ["fd00::/8,[::1]:8080", ["http://[fd12::1]/", "http://[::1]:8080/"], ["[::1]", "[fe80::1]"]],
  ["0.0.1", [], ["10.0.0.1"]],
  ["10.0.0.0/99,/,a/b,:,..", [], ["10.0.0.1", "a.example"]],
  ["10.0.0.0/ ::/", [], ["10.0.0.1", "192.168.7.1", "[::1]"]],
] as const)("NO_PROXY %j excepts the hosts that it names, and no others", (text, excepted, others) => {
  const isExcepted = parseNoProxy(text);
  expect(excepted.filter((url) => !isExcepted(new URL(url)))).toEqual([]);
  expect(others.filter((host) => isExcepted(new URL(`http://${host}/`)))).toEqual([]);
});
