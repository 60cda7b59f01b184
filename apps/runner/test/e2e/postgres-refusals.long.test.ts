import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startTlsPostgres } from "./tls-postgres.ts";
import { type CommandResult, configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

/** A program that ended must not say that it tries again. */
const promise = /tried again|by itself|goes on|automatically|retried/i;

async function configured(ending: Ending, url: string): Promise<Workspace> {
  const workspace = makeWorkspace(ending);
  const text = configText({ statewaveUrl: "file:./episodes.jsonl", state: "postgres" });
  await workspace.write(configName, text.replace('kind = "postgres"', `kind = "postgres"\nurl = "${url}"`));
  await workspace.write("docs/empty.txt", "");
  return workspace;
}

function expectRefusal(result: CommandResult, code: string, ...words: readonly (string | RegExp)[]): void {
  expect(result.code).toBe(4);
  expect(result.stderr).toContain(`[${code}]`);
  for (const word of words) expect(result.stderr).toMatch(word);
  expect(result.stderr).not.toMatch(promise);
  expect(result.stderr, "the driver speaks of itself").not.toContain("SECURITY WARNING");
}

const changed = (url: string, changes: Partial<URL>) => Object.assign(new URL(url), changes).href;

describe.concurrent("a start on a Postgres", () => {
  it("with a certificate that is signed by itself names certificate, sslrootcert and sslmode, and starts with either and shows when it expires", async (test) => {
    const { url, certificateFile } = await startTlsPostgres(test);
    const certificateExpiry = Date.parse(new X509Certificate(readFileSync(certificateFile)).validTo) / 1_000;
    for (const sslmode of ["require", "verify-full", "prefer"]) {
      const { code, stderr, ...result } = await (await configured(test, `${url}?sslmode=${sslmode}`)).command("run");
      expectRefusal({ code, stderr, ...result }, "STORE_TLS_FAILED", "certificate", "sslrootcert", "sslmode=no-verify");
    }
    for (const parameter of [
      `sslrootcert=${certificateFile}`,
      "sslmode=no-verify",
      `sslmode=require&sslrootcert=${certificateFile}`,
    ]) {
      const runner = await (await configured(test, `${url}?${parameter}`)).run();
      const expiries = (await runner.metrics()).matchAll(
        /^statewave_runner_store_certificate_expires\w+\{store="(\w+)"\} (\S+)$/gm,
      );
      expect(Array.from(expiries, ([, store, at]) => [store, Number(at)])).toEqual([
        ["cursor_store", certificateExpiry],
        ["inbox", certificateExpiry],
      ]);
      expect((await runner.terminate()).code).toBe(0);
      expect(runner.stderr).not.toContain("SECURITY WARNING");
    }
  });

  it("that takes only TLS names sslmode", async (test) => {
    const { url, setAccess } = await startTlsPostgres(test);
    await setAccess(["hostssl all all all password"]);
    expectRefusal(await (await configured(test, url)).command("run"), "STORE_TLS_FAILED", "add sslmode=require to the url");
  });

  it("that refuses every connection from this machine names pg_hba.conf", async (test) => {
    const { url, setAccess } = await startTlsPostgres(test);
    await setAccess(["host all somebody all password"]);
    const result = await (await configured(test, `${url}?sslmode=no-verify`)).command("run");
    expectRefusal(result, "STORE_ACCESS_DENIED", "no pg_hba.conf entry", "pg_hba.conf of the server");
  });

  it("that requires a certificate of the client names sslcert and sslkey", async (test) => {
    const { url, setAccess, certificateFile, query } = await startTlsPostgres(test);
    await query(`ALTER SYSTEM SET ssl_ca_file = 'server.crt'`);
    await setAccess(["hostssl all all all password clientcert=verify-ca"]);
    const result = await (await configured(test, `${url}?sslrootcert=${certificateFile}`)).command("run");
    expectRefusal(result, "STORE_TLS_FAILED", "certificate", "sslcert=", "sslkey=");
  });

  it("names the file of sslrootcert that cannot be read", async (test) => {
    const { url } = await startTlsPostgres(test);
    for (const file of ["/no/such/ca.pem", "/tmp"]) {
      const result = await (await configured(test, `${url}?sslrootcert=${file}`)).command("run");
      expectRefusal(result, "STORE_TLS_FAILED", "sslrootcert, sslcert and sslkey");
    }
  });

  it("with a wrong database, user, password or none says which, and not that the server is unreachable", async (test) => {
    const { url, query } = await startTlsPostgres(test);
    await query("CREATE ROLE scram LOGIN PASSWORD 'right'");
    for (const [wrong, says] of [
      [changed(url, { pathname: "/nowhere" }), 'database "nowhere" does not exist'],
      [changed(url, { username: "nobody", password: "x" }), "nobody"],
      [changed(url, { username: "scram", password: "wrong" }), 'authentication failed for user "scram"'],
    ] as const) {
      expectRefusal(await (await configured(test, wrong)).command("run"), "STORE_ACCESS_DENIED", says, "in the url");
    }
  });

  it("that has no connection left says so and tries again, and starts once there is one", async (test) => {
    const { url, query } = await startTlsPostgres(test);
    await query("CREATE ROLE few LOGIN SUPERUSER PASSWORD 'x' CONNECTION LIMIT 0");
    await query("ALTER ROLE few NOSUPERUSER");
    await query("CREATE SCHEMA own AUTHORIZATION few");
    await query("CREATE SCHEMA own_inbox AUTHORIZATION few");
    const workspace = await configured(test, `${changed(url, { username: "few", password: "x" })}"\nschema = "own`);
    const runner = workspace.launch(["run"]);
    expect(await runner.logged("the state cannot be opened for now; trying again")).toMatchObject({
      level: "warn",
      reason: expect.stringContaining('too many connections for role "few"'),
      hint: expect.stringContaining("max_connections"),
    });
    await query("ALTER ROLE few CONNECTION LIMIT 30");
    await runner.listening();
    expect((await runner.terminate()).code).toBe(0);
  });
});
