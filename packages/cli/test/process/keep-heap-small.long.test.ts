import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("fixtures/heap-after-idle.ts", import.meta.url));

test("the young generation grows again after an idle time in which V8 has shrunk it", { timeout: 60_000 }, async () => {
  const args = ["--expose-gc", "--conditions=@statewave-connectors/source", script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [worked = 0, idle = 0, again = 0] = JSON.parse(stdout) as readonly number[];
  expect(worked).toBeGreaterThanOrEqual(12);
  expect(idle).toBeLessThan(12);
  expect(again).toBeGreaterThanOrEqual(12);
});
