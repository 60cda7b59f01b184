import { Redis } from "ioredis";
import { Client } from "pg";
import { expect, it } from "vitest";
import type { RunnerProcess } from "../runner-process.ts";
import { until } from "../until.ts";
import { configName, configText, makeWorkspace } from "../workspace.ts";
import { type SharedStore, sharedStores, startStore } from "./shared-store.ts";

interface Settings {
  readonly safe: string;
  readonly less: string;
  readonly warning: string;
  /** Makes the server's settings less safe. */
  readonly weaken: (url: string) => Promise<void>;
}

const settingsOf: Readonly<Record<SharedStore["kind"], Settings>> = {
  postgres: {
    safe: "committed in Postgres",
    less: "committed in Postgres, which has fsync = off",
    warning: "fsync = off",
    async weaken(url) {
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query("ALTER SYSTEM SET fsync = off");
      await client.query("SELECT pg_reload_conf()");
      await until("the server has the setting", async () => (await client.query("SHOW fsync")).rows[0]?.fsync === "off");
      await client.end();
    },
  },
  redis: {
    safe: "in Redis's append-only file, fsynced every second",
    less: "in Redis's memory, lost when Redis restarts",
    warning: "Redis has its append-only file switched off",
    async weaken(url) {
      const client = new Redis(url);
      await client.config("SET", "appendonly", "no");
      client.disconnect();
    },
  },
};

it.for(sharedStores.map((store) => ({ store, ...settingsOf[store.kind] })))(
  "with $store.kind the start-up lines and /readyz say what a 2xx means, warn of settings that make it less, and require_durable refuses them",
  async ({ store, safe, less, warning, weaken }, test) => {
    const server = await startStore(test, store);
    const workspace = makeWorkspace(test);
    const write = (more: string) => {
      const text = configText({ statewaveUrl: "stdout:" });
      return workspace.write(configName, text.replace('kind = "file"', `kind = "${store.kind}"\nurl = "${server.url}"\n${more}`));
    };
    await workspace.write("docs/note.md", "# Note");

    await write("require_durable = true");
    expect(await said(await workspace.run())).toEqual({ ...saying(safe, store), warnings: [] });

    await weaken(server.url);
    const refused = await workspace.command("run");
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toMatch(/^error: [^\n]*require_durable is set[^\n]* \[STORE_NOT_DURABLE\]\nhint: [^\n]+\n$/m);

    await write("");
    const { warnings, ...rest } = await said(await workspace.run());
    expect(rest).toEqual(saying(less, store));
    // Of the cursors and of the events.
    expect(warnings).toEqual([expect.stringContaining(warning), expect.stringContaining(warning)]);
  },
);

/** What a process says of its state, in all places; then it is stopped. */
async function said(runner: RunnerProcess) {
  const { status, body } = await runner.readiness();
  const parts = body as Record<string, { readonly detail?: string } | undefined>;
  const banner = runner.stderr.split("\n").filter((line) => /^ {2}(state|inbox): /.test(line));
  const warnings = runner.log.flatMap(({ level, reason }) => (level === "warn" ? [reason] : []));
  await runner.terminate();
  return { status, banner, store: parts["store"]?.detail, inbox: parts["inbox"]?.detail, warnings };
}

function saying(durability: string, { kind }: SharedStore) {
  return {
    status: 200,
    banner: [`  state: ${kind}, cursors are ${durability}`, `  inbox: ${kind}, a 2xx means ${durability}`],
    store: expect.stringContaining(`cursors are ${durability};`),
    inbox: expect.stringContaining(`a 2xx means ${durability}`),
  };
}
