import { expect, test } from "vitest";
import { loadPart } from "../src/load-part.ts";

test("a part whose file was removed since the start is reported with what to do", async () => {
  const gone = Object.assign(new Error("Cannot find module"), { code: "ERR_MODULE_NOT_FOUND" });
  await expect(loadPart(() => Promise.reject(gone))).rejects.toMatchObject({
    code: "RUNNER_FILES_REPLACED",
    hint: "restart the runner",
    cause: gone,
  });
});

test("a part that fails for another reason says which", async () => {
  const broken = new SyntaxError("unexpected token");
  await expect(loadPart(() => Promise.reject(broken))).rejects.toBe(broken);
});
