import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runHere } from "../run-here.ts";

const toml =
  '[statewave]\nurl = "file:./episodes.jsonl"\n[runner.state]\nkind = "file"\npath = "./state/cursors.json"\n' +
  '[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "./docs"\n';

test("a watched status continues when the runner that it looks at breaks off", async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), "watch-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "statewave-connectors.toml"), toml);
  await mkdir(join(folder, "docs"));
  await mkdir(join(folder, "state"), { mode: 0o700 });
  // It answers whether it is there, and then no more.
  const runner = createServer(async (request, response) => {
    if ((await text(request)).includes('"state.list"')) response.end('{"result":[]}\n');
    else request.socket.destroy();
  });
  await new Promise<void>((resolve) => runner.listen(join(folder, "state", "cursors.json.sock"), resolve));
  onTestFinished(() => new Promise<void>((resolve) => runner.close(() => resolve())));

  let stop: (signal: NodeJS.Signals) => void = () => undefined;
  let stderr = "";
  const watched = await runHere(folder, ["status", "--watch"], {
    onSignal: (listener) => {
      const others = stop;
      stop = (signal) => {
        others(signal);
        listener(signal);
      };
      return () => undefined;
    },
    stderr: {
      write(printed: string) {
        stderr += printed;
        if (stderr.split("[RUNNER_CONTROL_BROKEN]").length > 2) stop("SIGINT");
      },
    },
    exit: () => undefined,
  });
  expect(watched.code).toBe(1);
  expect(stderr.match(/RUNNER_CONTROL_BROKEN/g)).toHaveLength(2);
});
