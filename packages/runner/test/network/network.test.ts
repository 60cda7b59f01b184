import { Secret } from "@statewave-connectors/connector-sdk";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { describe, expect, test } from "vitest";
import { networkOf } from "../../src/network/network.ts";

const hosts = (network: ReturnType<typeof networkOf>, ...urls: readonly string[]) =>
  urls.map((url) => network.proxyFor(new URL(url))?.host);
const [plain, tls] = ["http://a.example/", "https://a.example/"];

describe("the proxy of a request", () => {
  test.each([
    [{}, [undefined, undefined]],
    [{ HTTP_PROXY: "http://p:1" }, ["p:1", "p:1"]],
    [{ HTTPS_PROXY: "http://p:1" }, [undefined, "p:1"]],
    [{ HTTP_PROXY: "http://p:1", HTTPS_PROXY: "http://q:2" }, ["p:1", "q:2"]],
    [{ http_proxy: "http://low:1", HTTP_PROXY: "http://high:1" }, ["low:1", "low:1"]],
    [{ https_proxy: "http://low:1", HTTPS_PROXY: "http://high:1" }, [undefined, "low:1"]],
    [{ http_proxy: "", HTTP_PROXY: "http://high:1" }, [undefined, undefined]],
    [{ HTTP_PROXY: "http://p:1", HTTPS_PROXY: "" }, ["p:1", undefined]],
    [{ HTTP_PROXY: "proxy.example:3128" }, ["proxy.example:3128", "proxy.example:3128"]],
    [{ HTTP_PROXY: "https://p.example" }, ["p.example", "p.example"]],
    [{ HTTP_PROXY: "http://p:1", NO_PROXY: "a.example" }, [undefined, undefined]],
    [{ HTTP_PROXY: "http://p:1", no_proxy: "a.example:443" }, ["p:1", undefined]],
    [{ HTTP_PROXY: "http://p:1", no_proxy: "", NO_PROXY: "*" }, ["p:1", "p:1"]],
    [{ ALL_PROXY: "socks5://p:1" }, [undefined, undefined]],
  ])("is what the environment %j says", (env, expected) => {
    const network = networkOf({}, env);
    expect(hosts(network, plain, tls)).toEqual(expected);
  });

  test("is that of the configuration, for both schemes, whatever the environment names; NO_PROXY applies", () => {
    const env = { HTTP_PROXY: "http://env:1", HTTPS_PROXY: "http://env:1", NO_PROXY: ".internal" };
    const network = networkOf({ proxy: new Secret("http://own:2") }, env);
    expect(hosts(network, plain, tls, "https://statewave.internal/")).toEqual(["own:2", "own:2", undefined]);
  });

  test("is none when the configuration says so by an empty text", () => {
    const network = networkOf({ proxy: new Secret("") }, { HTTP_PROXY: "http://env:1", HTTPS_PROXY: "http://env:1" });
    expect([network.hasProxy, ...hosts(network, plain, tls)]).toEqual([false, undefined, undefined]);
  });

  test("gets its user and password decoded, and shows neither", () => {
    const proxy = networkOf({}, { HTTPS_PROXY: "http://me:p%40ss-w0rd@p.example:3128" }).proxyFor(new URL(tls));
    expect(proxy?.authorization?.reveal()).toBe(`Basic ${Buffer.from("me:p@ss-w0rd").toString("base64")}`);
    expect(JSON.stringify(proxy)).not.toContain("ss-w0rd");
    expect(maskSecrets("it was p@ss-w0rd")).toBe("it was ***");
  });
});

test.each(["socks5://p:1", "ftp://p", "http://user:100%@p:1", "http://", "http://p:99999", "not a proxy"])(
  "the variable HTTPS_PROXY = %j is refused by its name and without its value",
  (value) => {
    const error = (() => {
      try {
        networkOf({}, { HTTPS_PROXY: value });
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({
      code: "NETWORK_PROXY_INVALID",
      message: "HTTPS_PROXY is not the URL of an HTTP proxy",
      hint: expect.stringContaining('[runner.http] proxy = ""'),
    });
  },
);
