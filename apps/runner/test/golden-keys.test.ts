import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const packages = fileURLToPath(new URL("../../../packages/", import.meta.url));

test("the connectors hold at least 60 idempotency keys, each of another episode", () => {
  const files = globSync("connector-*/test/fixtures/golden-keys.json", { cwd: packages });
  const keys = files.flatMap((file) => JSON.parse(readFileSync(`${packages}${file}`, "utf8")) as { idempotency_key: string }[]);
  expect(files.length).toBeGreaterThanOrEqual(4);
  expect(new Set(keys.map((key) => key.idempotency_key)).size).toBeGreaterThanOrEqual(60);
});
