import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { runCli } from "@statewave-connectors/cli";
import { loadConfig } from "@statewave-connectors/config";
import { createLogger, createRunner } from "@statewave-connectors/runner";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { coreSecrets, placesOf } from "./core-secrets.ts";
import { everyCommand } from "./command-tree.ts";
import { findLeaks } from "./find-leaks.ts";
import { connectorModules, type Entry, secretOptions } from "./secret-options.ts";

const mark = "SENTINEL-7f3a9c";
const sentinel = (name: string) => `${mark}-${name.replaceAll(/[^a-z]/g, "-")}`;
/** Where packages of the program are found. */
const resolveFrom = [new URL("../../src/main.ts", import.meta.url).href];
const folder = mkdtempSync(join(tmpdir(), "sentinel-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that left the process. */
let written = "";
beforeAll(() => {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
  }
  return () => void vi.restoreAllMocks();
});

/** Runs a command; answers what it printed. */
async function command(args: readonly string[], env: Readonly<Record<string, string>> = {}, stop = new AbortController().signal) {
  let printed = "";
  const output = { write: (text: string) => (printed += text) };
  await runCli({
    args,
    version: "0.0.0",
    terminal: {
      stdout: output,
      stderr: output,
      env,
      cwd: folder,
      onSignal(listener) {
        stop.addEventListener("abort", () => listener("SIGTERM"), { once: true });
        return () => undefined;
      },
      exit: () => undefined,
    },
    resolveFrom,
  });
  written += printed;
  return printed;
}

/** The tokens that were sent back to the provider that issued them. */
const mintedSent: string[] = [];

/** A provider, a proxy and a Statewave that quote all that they are sent, encoded in several ways, and refuse it. The provider issues a token first. */
async function startQuoting(): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === "/token") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ access_token: sentinel("minted"), expires_in: 3600 }));
      return;
    }
    if (request.url === "/me") mintedSent.push(request.headers.authorization ?? "");
    const sent = [request.url, ...request.rawHeaders].join(" ");
    const message = `refused: ${sent} ${encodeURIComponent(sent)} ${Buffer.from(sent).toString("base64")} \u001b[31m\u202e`;
    response.writeHead(401, { "content-type": "application/json" });
    response.end(JSON.stringify({ message, ok: false, error: message, detail: message }));
  });
  server.on("connect", (request, socket) => socket.end(`HTTP/1.1 407 ${request.rawHeaders.join(" ")}\r\n\r\n`));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function toToml(entry: Entry): string {
  return Object.entries(entry)
    .map(([key, value]) => `${key} = ${toValue(value)}\n`)
    .join("");
}

function toValue(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key} = ${JSON.stringify(inner)}`)
    .join(", ")} }`;
}

/** Each entry as its README shows it, with sentinels for references; options that the example lacks are tried one by one, as refusals. */
async function entriesOf(host: string) {
  const options = await secretOptions();
  const valid = new Map<string, string>();
  const refused: string[] = [];
  for (const { kind, direction, option, example } of options) {
    const common = direction === "pull" ? { name: "main", schedule: "0 0 1 1 *" } : { name: "main" };
    const own = Object.entries(example).map(([key, value]) => {
      const isReference = typeof value === "string" && value.includes("${");
      return [key, isReference ? sentinel(`${kind}-${direction}-${key}`) : value];
    });
    const { pull: _, ...rest } = Object.fromEntries(own) as Record<string, unknown>;
    // A provider that speaks no HTTP cannot quote; nothing listens there.
    const place = "host" in rest ? { host: "127.0.0.1", port: 1, tls: "none" } : { base_url: `http://${host}` };
    const entry = { ...rest, ...common, ...place };
    const withUrl = direction === "push" && kind !== "slack" ? omit(entry, "base_url") : entry;
    const block = (table: Entry) => `[[${direction}.${kind}]]\n${toToml(table)}`;
    valid.set(`${direction}.${kind}`, block(withUrl));
    if (!(option in rest)) refused.push(block({ ...withUrl, [option]: sentinel(`${kind}-${direction}-${option}`) }));
    // Where it is known to be wrong: no text, and a text that no header can carry.
    refused.push(
      block({ ...withUrl, [option]: [7, sentinel("in-a-list")] }),
      block({ ...withUrl, [option]: `${sentinel("line")}\n✓` }),
    );
  }
  return { valid: [...valid.values()].join("\n"), refused, options };
}

function omit(entry: Entry, key: string): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => name !== key));
}

/** Of options that exclude each other one is in each of these; a request that goes through the proxy reaches no provider. */
const withPassword = `
[runner.metrics]
auth = { kind = "basic", username = "prometheus", password = "${sentinel("metrics-password")}" }
`;
const withTokenAndProxy = (host: string) => `
[runner.metrics]
auth = { kind = "bearer", token = "${sentinel("metrics-token")}" }
[runner.http]
proxy = "http://me:${sentinel("proxy-password")}@${host}"
`;

const head = (host: string, connectors: string, options = withPassword) => `
[statewave]
url = "http://me:${sentinel("url-password")}@${host}"
api_key = "${sentinel("api-key")}"
[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
drain_timeout = "2s"
[runner.state]
kind = "file"
key = "${sentinel("state-key-of-enough-letters")}"
[runner.admin]
listen = "127.0.0.1:0"
token = "${sentinel("admin-token")}"
${options}
[[notify]]
name = "people"
url = "http://${host}/${sentinel("notify-path")}"
[connectors]
sentinel = ${JSON.stringify(fileURLToPath(new URL("sentinel-connector.mjs", import.meta.url)))}
${connectors}
[[pull.sentinel]]
name = "main"
schedule = "0 0 1 1 *"
token = "${sentinel("own")}"
provider = "http://${host}"
[[push.sentinel]]
name = "main"
token = "${sentinel("own-push")}"
`;

const connectorTable = [...connectorModules].map(([kind, path]) => `${kind} = ${JSON.stringify(path)}`).join("\n");

async function writeConfig(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Every file below a folder, as text. */
function filesBelow(path: string): string {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "latin1"))
    .join("\n");
}

/** Commands that last until they are stopped: the first is under way, a trial starts programs of its own, and an agent speaks to the third. */
const endless: ReadonlySet<string> = new Set(["run", "chaos", "mcp"]);

describe("a marked secret", () => {
  test("is found where a connector leaks it past everything", async () => {
    const leaking = head("127.0.0.1:1", "").replace(`token = "${sentinel("own")}"`, `token = "${sentinel("own")}"\nleak = true`);
    written = "";
    await command(["doctor", "--config", await writeConfig("leaking.toml", leaking)]);
    expect(findLeaks(written, mark)).not.toEqual([]);
    for (const text of [`x=${encodeURIComponent(`?${mark}?`)}`, Buffer.from(`me:${mark}-and-more`).toString("base64")])
      expect(findLeaks(text, mark)).not.toEqual([]);
  });

  test("is in no output of any command, whether a runner answers or not, nor in what a runner serves, logs and stores", async () => {
    const { valid, options } = await entriesOf(await startQuoting());
    expect(options.length).toBeGreaterThanOrEqual(7);
    const configPath = await writeConfig("sentinel.toml", head(await startQuoting(), connectorTable) + valid);
    written = "";
    expect(await command(["validate-config", "--config", configPath])).toContain("is valid");
    writeFileSync(join(folder, "export.json"), '{"version":1,"sources":[]}');
    const stop = new AbortController();
    const running = command(["run", "--config", configPath], {}, stop.signal);
    const listening = await vi.waitFor(
      () => {
        const line = written.split("\n").find((text) => text.includes('"msg":"listening"'));
        return JSON.parse(line ?? "") as { readonly url: string; readonly admin_url: string };
      },
      { timeout: 60_000 },
    );
    await fetch(`${listening.url}/sentinel/main/events`, { method: "POST", body: "{}" });
    const list = ["dead-letters", "list", "--config", configPath];
    await vi.waitFor(async () => expect(await command(list)).toContain("cannot map with"), { timeout: 60_000, interval: 200 });
    const [key] = [...(await command([...list, "--json"])).matchAll(/"key":"([^"]+)"/g)].map(([, found]) => found);
    const world = { configPath, values: { file: "export.json", cursor: "7", key: key ?? "", keys: "nope" } };
    const commands = (await everyCommand((args) => command(args), world)).filter(([name]) => !endless.has(name ?? ""));
    expect(commands.length).toBeGreaterThan(15);
    for (const args of commands) await command(args);
    const authorization = `Bearer ${sentinel("admin-token")}`;
    for (const path of ["/readyz", "/metrics", "/nowhere"]) {
      written += await (await fetch(`${listening.url}${path}`)).text();
      written += await (await fetch(`${listening.admin_url}${path}`, { headers: { authorization } })).text();
    }
    stop.abort();
    await running;
    for (const args of commands) await command(args);
    const seen = [
      "SENTINEL_LOST",
      "does not take ***",
      "cannot read with ***",
      "cannot map with",
      "GITHUB_UNAUTHORIZED",
      "Bearer ***",
      "the provider quotes",
      "the provider took *** away",
    ];
    expect(seen.filter((words) => !written.includes(words))).toEqual([]);
    expect(findLeaks(written, mark)).toEqual([]);
    expect(["\u001b", "\u202e"].filter((character) => written.includes(character))).toEqual([]);
    expect(mintedSent).toContain(`Bearer ${sentinel("minted")}`);
    expect(findLeaks(filesBelow(join(folder, "state")), mark)).toEqual([]);
  });

  test("is in nothing that a runner behind a proxy says, nor in what it describes itself as", async () => {
    const host = await startQuoting();
    const configPath = await writeConfig("proxy.toml", head(host, "", withTokenAndProxy(host)));
    written = "";
    expect(await command(["validate-config", "--config", configPath])).toContain("is valid");
    for (const args of [["doctor"], ["doctor", "--json"], ["sync", "sentinel/main"], ["status"]])
      await command([...args, "--config", configPath]);
    const logger = createLogger({ format: "json" });
    const loaded = await loadConfig({ configPath, env: {}, resolveFrom });
    const runner = await createRunner({ ...loaded, resolveFrom, logger, listen: false });
    await runner.start();
    await runner.fetch(new Request("http://mine.example/sentinel/main/events", { method: "POST", body: "{}" }));
    const description = runner.describe();
    await runner.stop();
    expect(description.pushes).toMatchObject([{ health: { status: "unhealthy", message: "*** was revoked" } }]);
    written += JSON.stringify(description) + inspect(runner, { depth: 8, showHidden: true });
    expect(findLeaks(written, mark)).toEqual([]);
  });

  test("is in every option of the core that its schema marks secret", () => {
    const marked = new Set(
      [withPassword, withTokenAndProxy("127.0.0.1:1")].flatMap((options) =>
        placesOf(mark, parse(head("127.0.0.1:1", "", options))),
      ),
    );
    expect(coreSecrets()).toEqual(expect.arrayContaining(["notify.url", "runner.http.proxy", "runner.metrics.auth.token"]));
    expect(coreSecrets().filter((place) => !marked.has(place))).toEqual([]);
  });

  test("is in no problem of a file that is refused for it", async () => {
    const host = "127.0.0.1:1";
    const { refused } = await entriesOf(host);
    const core = [
      `[statewave]\nurl = "https://user:${mark}%@host"`,
      `[statewave]\nurl = "https://user:${mark}/x@host"`,
      `[statewave]\nurl = "stdout:"\napi_key = "${mark}\\n✓"`,
      `[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "postgres"\nurl = "postgres//me:${mark}@host"`,
      `[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "redis"\nurl = "redis://:${mark}%sure@host"`,
      `[statewave]\nurl = "stdout:"\n[runner.metrics]\nauth = { kind = "bearer", token = "${mark}\\u0007" }`,
    ];
    written = "";
    const texts = [...core, ...refused.map((block) => head(host, connectorTable) + block)];
    const taken: string[] = [];
    for (const [index, text] of texts.entries()) {
      const path = await writeConfig(`refused-${index}.toml`, text);
      for (const args of [["validate-config"], ["doctor"], ["sync", "sentinel/main"]]) {
        const printed = await command([...args, "--config", path]);
        if (index < core.length && !printed.includes("CONFIG_INVALID")) taken.push(text);
      }
    }
    expect(taken).toEqual([]);
    expect(findLeaks(written, mark)).toEqual([]);
  });
});
