import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/testing/main.ts", import.meta.url));

test("the fake runs as a process, answers as Slack does, and ends with its parent", async () => {
  const child = spawn(
    process.execPath,
    ["--conditions=@statewave-connectors/source", main, "--channels", "1", "--messages", "5", "--until-stdin-ends"],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  const call = async (method: string, args: Record<string, string>) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/${method}`, { method: "POST", headers, body: new URLSearchParams(args) });
    return (await answer.json()) as Record<string, unknown>;
  };

  expect(await call("conversations.history", { channel: "C0CHANNEL1", limit: "2" })).toMatchObject({
    ok: true,
    has_more: true,
    messages: [{ text: "message marker:C0CHANNEL1:4" }, { text: "message marker:C0CHANNEL1:3" }],
  });
  const control = url.replace(/api$/, "_fake/post");
  await fetch(control, { method: "POST", body: JSON.stringify(["C0CHANNEL1", "from outside"]) });
  expect(await call("conversations.history", { channel: "C0CHANNEL1", limit: "1" })).toMatchObject({
    messages: [{ text: "from outside" }],
  });
  expect(await call("conversations.history", { channel: "C0NOWHERE" })).toEqual({ ok: false, error: "channel_not_found" });

  child.stdin.end();
  expect(await once(child, "exit")).toEqual([0, null]);
});
