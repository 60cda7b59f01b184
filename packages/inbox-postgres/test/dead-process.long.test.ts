import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { event, firstClaim, open } from "./item.ts";
import { ownSchemas } from "./own-schema.ts";

describeWithService("postgres", "the Postgres inbox and a process that dies", (url) => {
  const { nameOf } = ownSchemas(url);

  test("hands the work of a killed process to another, without counting an attempt", async () => {
    const schema = nameOf("killed");
    const inbox = await open(url, schema);
    await inbox.accept(event("a"));
    const flags = ["--conditions=@statewave-connectors/source", join(import.meta.dirname, "fixtures/claiming-process.ts")];
    const child = spawn(process.execPath, [...flags, url, schema], { stdio: ["ignore", "pipe", "inherit"] });
    const [key] = await once(createInterface({ input: child.stdout }), "line");
    child.kill("SIGKILL");
    const { claimed, done } = await firstClaim(inbox);
    expect(claimed).toMatchObject({ key, attempt: 0 });
    done();
    await expect.poll(async () => (await inbox.stats()).depth).toBe(0);
    await inbox.close();
  });
});
