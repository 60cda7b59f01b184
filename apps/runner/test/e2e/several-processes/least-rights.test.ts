import { readFileSync } from "node:fs";
import { Client } from "pg";
import { expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { configName, configText } from "../workspace.ts";
import { makeWorld } from "../world.ts";
import { sharedStores, startStore } from "./shared-store.ts";

const guide = readFileSync(new URL("../../../../../docs/guides/state.md", import.meta.url), "utf8");
/** What the documentation has an operator run. */
const statements = /```sql\n(CREATE ROLE connectors [\s\S]*?)```/.exec(guide)?.[1] ?? "";

it("runs in another owner's database as the role that the documentation makes, which can do nothing there but that", async (test) => {
  const server = await startStore(
    test,
    sharedStores.find(({ kind }) => kind === "postgres")!,
  );
  const owner = new Client({ connectionString: server.url });
  await owner.connect();
  await owner.query("CREATE TABLE episodes (id bigint); INSERT INTO episodes VALUES (1)");
  expect(statements).toContain("AUTHORIZATION connectors");
  await owner.query(statements);

  const url = new URL(server.url);
  Object.assign(url, { username: "connectors", password: "change-me" });
  const world = await makeWorld(test);
  const state = `kind = "postgres"\nurl = "${url.href}"\nschema = "connectors"`;
  await world.workspace.write(configName, configText({ statewaveUrl: world.statewave.url }).replace('kind = "file"', state));
  await world.writeDocuments(5);
  const runner = await world.workspace.run();
  await world.slack.sendMany(await runner.listening(), 20);
  await world.drained(runner);
  expect(await runner.terminate()).toMatchObject({ code: 0 });
  expect(world.slack.acknowledged.size).toBe(20);
  expect(world.account()).toEqual(balanced);

  const role = new Client({ connectionString: url.href });
  await role.connect();
  for (const statement of ["SELECT * FROM episodes", "CREATE TABLE public.mine ()", "CREATE SCHEMA more"]) {
    await expect(role.query(statement)).rejects.toMatchObject({ code: "42501" });
  }
  await Promise.all([role.end(), owner.end()]);
});
