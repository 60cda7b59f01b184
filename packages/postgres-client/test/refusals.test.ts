import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPassingAnswer, openPostgres } from "../src/index.ts";
import { toPostgresError } from "../src/postgres-error.ts";

/** What a server or a pooler answers, by SQLSTATE. */
const answered = (state: string, message: string) => Object.assign(new Error(message), { code: state, severity: "FATAL" });

/** Texts of servers, of poolers and of hosted services. */
describe("an answer that refuses the connection", () => {
  test.each([
    // Postgres
    ["53300", "sorry, too many clients already", "UNAVAILABLE", "max_connections", true],
    ["53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute", "UNAVAILABLE", "max_", true],
    ["53300", 'too many connections for database "app"', "UNAVAILABLE", "max_connections", true],
    ["57P03", "the database system is starting up", "UNAVAILABLE", "wait until", true],
    ["57P01", "terminating connection due to administrator command", "UNAVAILABLE", "stopped or restarted", true],
    ["25006", "cannot execute UPDATE in a read-only transaction", "UNAVAILABLE", "primary", false],
    ["53100", 'could not extend file "base/5/16400": No space left on device', "UNAVAILABLE", "disk", false],
    ["55000", 'database "app" is not currently accepting connections', "UNAVAILABLE", "log of the server", false],
    ["3D000", 'database "app" does not exist', "ACCESS_DENIED", "database in the url", false],
    ["28000", 'role "me" is not permitted to log in', "ACCESS_DENIED", "user", false],
    [
      "28000",
      'no pg_hba.conf entry for host "10.0.0.9", user "me", database "app", SSL encryption',
      "ACCESS_DENIED",
      "pg_hba.conf",
      false,
    ],
    ["28000", "connection requires a valid client certificate", "TLS_FAILED", "sslcert", false],
    ["F0000", "client certificates can only be checked if a root certificate store is available", "UNAVAILABLE", "log", false],
    // PgBouncer
    ["08P01", "no more connections allowed (max_client_conn)", "UNAVAILABLE", "max_client_conn", true],
    ["08P01", "no such database: app", "ACCESS_DENIED", "database in the url", false],
    ["08P01", "password authentication failed", "ACCESS_DENIED", "password", false],
    ["08P01", "query_wait_timeout", "UNAVAILABLE", "log of the pooler", true],
    ["08P01", "server login has been failing, try again later (server_login_retry)", "UNAVAILABLE", "log of the pooler", true],
    ["08P01", "unsupported startup parameter: statement_timeout", "ACCESS_DENIED", "ignore_startup_parameters", false],
    ["08P01", "SSL required", "TLS_FAILED", "sslmode=require", false],
    // Hosted
    ["XX000", "Tenant or user not found", "ACCESS_DENIED", "user", false],
    [
      "XX000",
      "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited",
      "UNAVAILABLE",
      "max_",
      true,
    ],
    ["08P01", "connection is insecure (try using `sslmode=require`)", "TLS_FAILED", "sslmode=require", false],
    ["28000", "This RDS Proxy requires TLS connections", "TLS_FAILED", "sslmode=require", false],
    ["28000", "SSL connection is required. Please specify SSL options and retry.", "TLS_FAILED", "sslmode=require", false],
    [
      "28000",
      'no pg_hba.conf entry for host "1.2.3.4", user "me", database "d", SSL off',
      "TLS_FAILED",
      "sslmode=require",
      false,
    ],
  ] as const)("with SQLSTATE %s and %j is %s, with %j in the hint", (state, message, trouble, hint, isPassing) => {
    const error = toPostgresError("STORE", answered(state, message));
    expect(error).toMatchObject({ code: `STORE_${trouble}`, hint: expect.stringContaining(hint) });
    expect(error.message).toContain(message);
    expect(isPassingAnswer(error)).toBe(isPassing);
  });

  test("is none of a statement whose text only sounds like it", () => {
    expect(toPostgresError("INBOX", answered("P0001", "too many connections"))).toMatchObject({ code: "INBOX_QUERY_FAILED" });
    expect(toPostgresError("INBOX", answered("22023", "no such user"))).toMatchObject({ code: "INBOX_QUERY_FAILED" });
  });
});

test.each([
  ["ENOTFOUND", "getaddrinfo ENOTFOUND db.example", "UNAVAILABLE", "host in the url"],
  ["EAI_AGAIN", "getaddrinfo EAI_AGAIN db.example", "UNAVAILABLE", "host in the url"],
  ["ENOENT", "connect ENOENT /var/run/postgresql/.s.PGSQL.5432", "UNAVAILABLE", "server runs"],
  ["ENOENT", "ENOENT: no such file or directory, open '/etc/ca.pem'", "TLS_FAILED", "sslrootcert"],
  ["EPROTO", "write EPROTO 00: error:0A00010B:SSL routines:ssl3_get_record:wrong version number", "TLS_FAILED", "host and port"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "tlsv13 alert certificate required", "TLS_FAILED", "sslcert"],
  ["", "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string", "ACCESS_DENIED", "password"],
  ["", "Connection terminated due to connection timeout", "UNAVAILABLE", "reach it"],
])("%s without an answer, %j, is %s", (code, message, trouble, hint) => {
  const error = toPostgresError("INBOX", Object.assign(new Error(message), code === "" ? {} : { code }));
  expect(error).toMatchObject({ code: `INBOX_${trouble}`, hint: expect.stringContaining(hint) });
  expect(isPassingAnswer(error)).toBe(false);
});

test("the advice that Node.js adds to an untrusted certificate is left out", () => {
  const text = "self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca";
  const { message } = toPostgresError("STORE", Object.assign(new Error(text), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }));
  expect(message).toBe("no TLS connection to Postgres: self-signed certificate");
});

describeWithService("postgres", "a Postgres that refuses the connection", (url) => {
  const role = `refused_${process.pid}`;
  const query = async (target: string, text: string) => {
    const postgres = await openPostgres({
      area: "STORE",
      server: target,
      maxConnections: 1,
      timeoutMs: 5_000,
      logger: silentLogger,
    });
    return postgres.query(text).finally(() => postgres.close());
  };
  const refusal = async (changes: Partial<URL>) => {
    const error: unknown = await query(Object.assign(new URL(url), changes).href, "SELECT 1").catch((thrown: unknown) => thrown);
    if (!isConnectorsError(error)) throw new Error("it was not refused");
    return { code: error.code, hint: error.hint, isPassing: isPassingAnswer(error) };
  };
  beforeAll(() => query(url, `CREATE ROLE ${role} LOGIN PASSWORD 'right' CONNECTION LIMIT 0`));
  afterAll(() => query(url, `DROP ROLE ${role}`));

  test.each<[string, Partial<URL>, string, string, boolean]>([
    ["wrong database", { pathname: "/nowhere" }, "STORE_ACCESS_DENIED", "database in the url", false],
    ["wrong password", { username: role, password: "wrong" }, "STORE_ACCESS_DENIED", "password", false],
    ["no password", { username: role, password: "" }, "STORE_ACCESS_DENIED", "password", false],
    ["no connection left", { username: role, password: "right" }, "STORE_UNAVAILABLE", "max_connections", true],
    ["no TLS", { search: "?sslmode=require" }, "STORE_TLS_FAILED", "remove sslmode", false],
  ])("for %s says so", async (_, changes, code, hint, isPassing) => {
    expect(await refusal(changes)).toMatchObject({ code, hint: expect.stringContaining(hint), isPassing });
  });
});
