import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@statewave-connectors/config";
import type { Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRunner, type RunnerEvent } from "../src/index.ts";
import { noteRequest, notes } from "./notes-connector.ts";

/** A runner with a sink, a key, a signature, a metrics path, a log and a state of its own, all named after it. */
async function open(name: string) {
  const statewave = await startFakeStatewave({ apiKey: `key-of-${name}` });
  onTestFinished(() => statewave.close());
  const baseDir = mkdtempSync(join(tmpdir(), "several-runners-"));
  onTestFinished(() => rmSync(baseDir, { recursive: true, force: true }));
  const settings = await parseConfig(
    {
      statewave: { url: statewave.url, api_key: `key-of-${name}` },
      runner: { metrics: { path: `/metrics-of-${name}` } },
      push: { notes: [{ name: "team", signature: `signature-of-${name}` }] },
    },
    { connectors: [notes], baseDir },
  );
  const lines: string[] = [];
  const events: RunnerEvent[] = [];
  const keep = (message: string, fields?: object) => lines.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { ...silentLogger, info: keep, warn: keep, error: keep, child: () => logger };
  const runner = await createRunner({ ...settings, logger, listen: false, onEvent: (event) => events.push(event) });
  onTestFinished(() => runner.stop());
  await runner.start();
  const send = async (body: string, signature = `signature-of-${name}`) =>
    (await runner.fetch(noteRequest(body, signature))).status;
  const metrics = async (path = `/metrics-of-${name}`) => {
    const response = await runner.fetch(new Request(`https://mine.example${path}`));
    return { status: response.status, text: await response.text() };
  };
  const counted = async () => {
    const { text } = await metrics();
    return [
      'push_responses_total{kind="notes",name="team",status="200"}',
      'push_responses_total{kind="notes",name="team",status="401"}',
    ].map((series) => Number(text.split(`statewave_runner_${series} `)[1]?.split("\n")[0]));
  };
  const texts = () => statewave.episodes.map(({ payload }) => String((payload as { readonly text?: unknown }).text)).toSorted();
  return { runner, statewave, lines, events, send, metrics, counted, texts };
}

test("runners in one process share neither sink, secrets, metrics, log nor events", async () => {
  const [one, two] = await Promise.all([open("one"), open("two")]);
  expect(await Promise.all([one.send("to one"), two.send("to two"), two.send("again to two")])).toEqual([200, 200, 200]);
  expect(await one.send("forged", "signature-of-two")).toBe(401);
  await vi.waitFor(() => expect([one.texts(), two.texts()]).toEqual([["to one"], ["again to two", "to two"]]), {
    timeout: 60_000,
  });
  expect(await Promise.all([one.counted(), two.counted()])).toEqual([
    [1, 1],
    [2, 0],
  ]);
  expect([one.events.map(({ type }) => type), two.events]).toEqual([["webhook-refused"], []]);
  expect((await one.metrics("/metrics-of-two")).status).toBe(404);
  expect(one.lines.filter((line) => line.includes(two.statewave.url))).toEqual([]);
  expect(one.lines.filter((line) => line.includes(one.statewave.url))).not.toEqual([]);
});

test("runners in one process each show the metrics of the process, and outlive each other", async () => {
  const [one, two] = await Promise.all([open("one"), open("two")]);
  for (const { metrics } of [one, two]) expect((await metrics()).text).toContain("\nprocess_cpu_seconds_total ");
  await one.runner.stop();
  expect([await one.send("late"), await two.send("in time")]).toEqual([503, 200]);
  await one.runner.start();
  expect(await one.send("back")).toBe(200);
  await vi.waitFor(() => expect([one.texts(), two.texts()]).toEqual([["back"], ["in time"]]), { timeout: 60_000 });
});

test("a secret of one runner is masked in the log of every runner of the process", async () => {
  const [one] = await Promise.all([open("one"), open("two")]);
  const { lines } = one;
  expect(lines.filter((line) => /key-of-(one|two)/.test(line))).toEqual([]);
});
