import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

// A copy of the sources from where `pg` is not found: nothing of it is a double.
const folder = mkdtempSync(join(tmpdir(), "missing-driver-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("says the line that installs the driver when pg is missing", () => {
  const own = join(import.meta.dirname, "..");
  cpSync(join(own, "src"), join(folder, "src"), { recursive: true });
  mkdirSync(join(folder, "node_modules/@statewave-connectors"), { recursive: true });
  for (const name of ["@statewave-connectors/connector-sdk", "valibot"]) {
    symlinkSync(realpathSync(join(own, "node_modules", name)), join(folder, "node_modules", name));
  }
  writeFileSync(
    join(folder, "open.ts"),
    `import { openPostgres } from "./src/index.ts";
     import { silentLogger } from "@statewave-connectors/connector-sdk/host";
     const options = { area: "STORE", server: "postgres://nobody.invalid/x", maxConnections: 1, timeoutMs: 1, logger: silentLogger };
     const { code, hint } = await openPostgres(options as never).catch((error) => error);
     console.log(JSON.stringify({ code, hint }));`,
  );
  const flags = ["--conditions=@statewave-connectors/source", join(folder, "open.ts")];
  expect(JSON.parse(execFileSync(process.execPath, flags, { encoding: "utf8" }))).toEqual({
    code: "STORE_DRIVER_MISSING",
    hint: "npm install pg",
  });
});
