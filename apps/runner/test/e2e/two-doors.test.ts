import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { loadConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { openOperations } from "@statewave-connectors/runner/operations";
import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, type Ending, makeWorkspace, slackSecret } from "./workspace.ts";

interface Doors {
  readonly runner?: string;
  readonly tables?: string;
}

/** The program on a configuration with a receiver and `[runner.state] kind = "file"`. */
async function configured(test: Ending, { runner = 'host = "127.0.0.1"', tables = "" }: Doors) {
  const workspace = makeWorkspace(test);
  const config = `
[statewave]
url = "file:./episodes.jsonl"
[runner]
port = 0
state_dir = "./state"
drain_timeout = "4s"
${runner}
[runner.state]
kind = "file"
${tables}
[[push.slack]]
name = "secret-customer"
signing_secret = "${slackSecret}"
`;
  await workspace.write(configName, config);
  return workspace;
}

const answer = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.text() };
};

/** The status that a server answers to these bytes. */
async function statusOf(port: number, bytes: string): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  return Number((await text(socket)).split(" ")[1]);
}

/** The webhook port, addressed by loopback, also when it listens on all addresses. */
const onLoopback = (url: string) => url.replace("0.0.0.0", "127.0.0.1");

describe.concurrent("the webhook port", () => {
  it("as configured by default says the overall status, lists no receiver, and serves metrics as there is no other address", async (test) => {
    const workspace = await configured(test, { runner: "" });
    const url = onLoopback(await (await workspace.run()).listening());
    const forwarded = { "x-forwarded-for": "127.0.0.1", "x-real-ip": "::1" };
    expect(await answer(`${url}/readyz`, forwarded)).toEqual({ status: 200, body: '{"status":"ready"}' });
    expect(await answer(`${url}/somewhere`)).toEqual({ status: 404, body: '{"error":"not_found"}' });
    expect((await answer(`${url}/metrics`)).body).toContain("statewave_runner_ready 1");
  });

  it("beside an admin address serves no metrics and names no receiver, unless wanted", async (test) => {
    const admin = '[runner.admin]\nlisten = "127.0.0.1:0"\n';
    const runner = await (await configured(test, { tables: admin })).run();
    const [url, adminUrl] = [await runner.listening(), await runner.adminUrl()];
    expect(await answer(`${url}/readyz`)).toEqual({ status: 200, body: '{"status":"ready"}' });
    for (const path of ["/metrics", "/somewhere"])
      expect(await answer(url + path)).toEqual({ status: 404, body: '{"error":"not_found"}' });
    expect(JSON.parse((await answer(`${adminUrl}/readyz`)).body)).toMatchObject({
      status: "ready",
      store: { status: "ok" },
      inbox: { status: "ok" },
      sink: { status: "unknown" },
      receivers: { paths: ["/slack/secret-customer/events"] },
    });
    expect((await answer(`${adminUrl}/metrics`)).body).toContain("statewave_runner_ready 1");
    await until("the address of the admin listener is printed", () => runner.stdout.includes(`admin: ${adminUrl}`));

    const wanted = await configured(test, {
      runner: 'host = "127.0.0.1"\nhide_mounts = false',
      tables: `${admin}[runner.metrics]\non_webhook_port = true\n`,
    });
    const both = await (await wanted.run()).listening();
    expect((await answer(`${both}/metrics`)).body).toContain("statewave_runner_ready 1");
    expect((await answer(`${both}/somewhere`)).body).toContain("/slack/secret-customer/events");
  });
});

describe.concurrent("the admin address", () => {
  it("requires its token and prints it nowhere", async (test) => {
    const token = "admin-t0ken-5f1c";
    const workspace = await configured(test, {
      tables: `[runner.admin]\nlisten = "0.0.0.0:0"\ntoken = "${token}"\nallowed_hosts = ["runner.internal"]\n`,
    });
    const runner = await workspace.run();
    const adminUrl = onLoopback(await runner.adminUrl());
    for (const path of ["/readyz", "/metrics"]) {
      expect((await answer(adminUrl + path)).status).toBe(401);
      expect((await answer(adminUrl + path, { authorization: `Bearer ${token}` })).status).toBe(200);
    }
    await workspace.command("validate-config", "--json");
    const { stdout } = await workspace.command("validate-config", "--json");
    expect(stdout).toContain('"admin"');
    expect(runner.stdout + runner.stderr + stdout).not.toContain(token);
  });

  it("answers no request that names another host beside its own", async (test) => {
    const workspace = await configured(test, { tables: '[runner.admin]\nlisten = "127.0.0.1:0"\n' });
    const { host, port } = new URL(await (await workspace.run()).adminUrl());
    const requests: readonly (readonly [string, number])[] = [
      [`GET /readyz HTTP/1.1\r\nHost: ${host}`, 200],
      [`GET http://evil.example/readyz HTTP/1.1\r\nHost: ${host}`, 403],
      [`GET /readyz HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example`, 403],
    ];
    for (const [head, status] of requests)
      expect([head, await statusOf(Number(port), `${head}\r\nConnection: close\r\n\r\n`)]).toEqual([head, status]);
  });

  it.for(["0.0.0.0:9464", "runner.internal:9464", "[::]:9464"])("%s is refused without a token", async (listen, test) => {
    const workspace = await configured(test, { tables: `[runner.admin]\nlisten = "${listen}"\n` });
    for (const command of ["run", "validate-config"]) {
      const { code, stderr, stdout } = await workspace.command(command);
      expect([command, code]).toEqual([command, 3]);
      expect(stderr + stdout).toContain("runner.admin.token");
    }
  });

  it("that is taken ends the start with a sentence that names the option", async (test) => {
    const first = await (await configured(test, { tables: '[runner.admin]\nlisten = "127.0.0.1:0"\n' })).run();
    const { port } = new URL(await first.adminUrl());
    const second = await configured(test, { tables: `[runner.admin]\nlisten = "127.0.0.1:${port}"\n` });
    const { code, stderr } = await second.command("run");
    expect(code).toBe(1);
    expect(stderr).toContain("RUNNER_PORT_IN_USE");
    expect(stderr).toContain("[runner.admin] listen");
  });
});

it("tools read the same report through the control socket", async (test) => {
  const workspace = await configured(test, {});
  const runner = await workspace.run();
  const { config } = await loadConfig({ configPath: workspace.path(configName), resolveFrom: [import.meta.url] });
  const opened = await openOperations({ config, logger: silentLogger });
  expect(await opened.operations.health()).toMatchObject({
    ready: true,
    inbox: { status: "ok" },
    receivers: { detail: "1 mounted" },
  });
  await opened.close();
  await runner.terminate();
});
