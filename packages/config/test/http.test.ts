import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import { parseConfig, printableConfig } from "../src/index.ts";
import { loadText, problemsOf, temporaryFolder } from "./load-text.ts";
import { revealAll } from "./reveal-all.ts";

const table = (keys: string) => `[statewave]\nurl = "stdout:"\n[runner.http]\n${keys}`;
const http = async (keys: string) => revealAll((await loadText(table(keys))).config.runner.http);

describe("[runner.http] proxy", () => {
  test.each([
    ["", undefined],
    ['proxy = ""', { proxy: "" }],
    ['proxy = "${NO_SUCH_PROXY:-}"', undefined],
    ['proxy = "http://proxy.example:3128"', { proxy: "http://proxy.example:3128" }],
    ['proxy = "https://me:p%40ss@proxy.example"', { proxy: "https://me:p%40ss@proxy.example" }],
  ])("written as %s, is read", async (keys, expected) => {
    expect(await http(keys)).toEqual(expected);
  });

  test.each(["proxy.example:3128", "socks5://proxy.example", "http://?", "http://me:pass100%@proxy.example", "3128"])(
    "%j is refused with its form, and is not quoted",
    async (proxy) => {
      const problems = await problemsOf(loadText(table(`proxy = "${proxy}"`)));
      expect(problems).toMatchObject([
        { path: "runner.http.proxy", message: expect.stringMatching(/expected http:\/\/host:port|holds a %/) },
      ]);
      expect(JSON.stringify(problems)).not.toContain(proxy);
    },
  );

  test("prints without its credentials", async () => {
    const { config } = await loadText(table('proxy = "http://me:the-password@proxy.example:3128"'));
    expect(JSON.stringify(printableConfig(config))).not.toContain("the-password");
  });
});

describe("[runner.http] ca_file", () => {
  const load = (folder: string) => loadText(table('ca_file = "ca.pem"'), { cwd: folder });

  test("is relative to the file, and may hold several certificates with remarks between them", async () => {
    const folder = temporaryFolder();
    const [one, two] = rootCertificates;
    writeFileSync(join(folder, "ca.pem"), `# ours\n${one}\n# theirs\n${two}`);
    expect((await load(folder)).config.runner.http).toEqual({ caFile: join(folder, "ca.pem") });
  });

  test("that is not there is refused", async () => {
    const folder = temporaryFolder();
    expect(await problemsOf(load(folder))).toMatchObject([
      { path: "runner.http.ca_file", message: `${join(folder, "ca.pem")} cannot be read: ENOENT` },
    ]);
  });

  test.each([
    ["nothing", "", "holds no certificate in PEM form"],
    ["a key", "-----BEGIN PRIVATE KEY-----\nMIG=\n-----END PRIVATE KEY-----\n", "holds no certificate in PEM form"],
    ["a torn certificate", "-----BEGIN CERTIFICATE-----\nMIIB", "holds a certificate that cannot be read, number 1 of 1"],
    ["a whole disk", "x".repeat(1024 * 1024 + 1), "is larger than 1048576 bytes"],
  ])("that holds %s is refused", async (_what, text, fault) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "ca.pem"), text);
    expect(await problemsOf(load(folder))).toMatchObject([{ message: `${join(folder, "ca.pem")} ${fault}` }]);
  });

  test("is checked for a configuration in code, too", async () => {
    await expect(
      parseConfig({ statewave: { url: "stdout:" }, runner: { http: { ca_file: "/no/such/ca.pem" } } }),
    ).rejects.toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("/no/such/ca.pem cannot be read") });
  });
});
