import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSelfSigned } from "@statewave-connectors/testing/servers";
import { Client } from "pg";
import type { TestContext } from "vitest";
import { sharedStores, startStore } from "./several-processes/shared-store.ts";

export interface TlsPostgres {
  readonly url: string;
  /** The file with the certificate, which is signed by itself. */
  readonly certificateFile: string;
  /** Replaces the rules of access, as they stand in pg_hba.conf. */
  readonly setAccess: (rules: readonly string[]) => Promise<void>;
  readonly query: (text: string) => Promise<readonly Record<string, unknown>[]>;
}

/** A real Postgres with TLS, by a certificate that is signed by itself. */
export async function startTlsPostgres(test: TestContext): Promise<TlsPostgres> {
  const store = sharedStores.find(({ kind }) => kind === "postgres");
  if (store === undefined) throw new Error("there is no store of the kind postgres");
  const { url } = await startStore(test, store);
  const client = new Client({ connectionString: url });
  await client.connect();
  test.onTestFinished(() => client.end());
  const query = async (text: string) => (await client.query<Record<string, unknown>>(text)).rows;
  const settingOf = async (name: string) => String((await query(`SHOW ${name}`))[0]?.[name]);
  // The server writes its own files: they belong to its user, and its key must.
  const write = async (path: string, lines: readonly string[]) => {
    const rows = lines.map((line) => `'${line}'`).join(", ");
    await query(`COPY (SELECT unnest(ARRAY[${rows}])) TO PROGRAM 'umask 077; cat > ${path}'`);
  };
  const reload = async () => {
    await query("SELECT pg_reload_conf()");
    // Its processes read their configuration one after the other.
    await query("SELECT pg_sleep(0.5)");
  };
  const folder = await settingOf("data_directory");
  const { cert, key } = await makeSelfSigned(["DNS:localhost", "IP:127.0.0.1"]);
  await write(join(folder, "server.crt"), cert.trimEnd().split("\n"));
  await write(join(folder, "server.key"), key.trimEnd().split("\n"));
  await query("ALTER SYSTEM SET ssl = on");
  await reload();
  const certificateFile = join(mkdtempSync(join(tmpdir(), "tls-postgres-")), "server.crt");
  writeFileSync(certificateFile, cert);
  return {
    url,
    certificateFile,
    query,
    setAccess: async (rules) => {
      await write(await settingOf("hba_file"), ["local all all trust", ...rules]);
      await reload();
    },
  };
}
