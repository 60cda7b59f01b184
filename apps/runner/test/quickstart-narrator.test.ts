import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { describeDuration, type LastRun } from "../quickstart/last-run.ts";
import { Narrator } from "../quickstart/narrator.ts";

function narrate(lastRun?: LastRun) {
  const said: string[] = [];
  const complaints: string[] = [];
  const ended: LastRun[] = [];
  const narrator = new Narrator({
    nowMs: () => 1_000_000,
    say: (line) => said.push(line),
    complain: (line) => complaints.push(line),
    lastRun,
    onStopping: () => undefined,
    onStopped: (run) => ended.push(run),
  });
  return { narrator, logger: narrator.logger(), said, complaints, ended };
}

const runFields = (source: string, delivered: number) => ({ source, episodes: delivered, delivered, buried: 0, skipped: 0 });

/** As the runner hands it to a logger: a record, with secrets masked. */
const errorRecord = (code: string, message: string, hint?: string) => ({
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
});

test("a trouble that repeats with every run is said once", () => {
  const { logger, complaints } = narrate();
  const error = errorRecord("GITHUB_UNAUTHORIZED", "GitHub answered 401", "set token");
  for (let run = 0; run < 39; run += 1)
    logger.error("run failed while it read the source", { source: "github/repository", error });
  logger.warn("a source is unhealthy", {
    source: "github/repository",
    code: error.code,
    reason: error.message,
    hint: error.hint,
  });
  expect(complaints).toEqual(["run failed while it read the source; github/repository; GitHub answered 401; set token"]);
});

test("what the first look at a source found is not said again by its run", () => {
  const { narrator, logger, said, complaints } = narrate();
  const error = new ConnectorsError({ code: "GITHUB_UNAVAILABLE", message: "ENOTFOUND" });
  narrator.sourceChecked("github/repository", { ok: true, message: "no token" });
  narrator.sourceChecked("github/repository", { ok: false, message: "cannot read acme/widgets: ENOTFOUND", error });
  logger.error("run failed while it read the source", {
    source: "github/repository",
    error: errorRecord(error.code, "GET / failed: ENOTFOUND"),
  });
  expect(said).toEqual(["github/repository: no token"]);
  expect(complaints).toEqual(["github/repository: cannot read acme/widgets: ENOTFOUND"]);
});

test("an error of any form is readable", () => {
  const { logger, complaints } = narrate();
  logger.error("run failed", { source: "a/b", error: { name: "TypeError", message: "no such page" } });
  logger.error("run failed", { source: "a/c", error: "no such page" });
  logger.error("run failed", { source: "a/d", error: { status: 1 } });
  expect(complaints).toEqual(["run failed; a/b; no such page", "run failed; a/c; no such page", 'run failed; a/d; {"status":1}']);
});

test("a first sync is no change, although a run that delivered none came before", () => {
  const { logger, said } = narrate({ webhooks: 0, delivered: 0, buried: 0, stoppedAtMs: 995_000 });
  logger.child({ kind: "markdown", name: "docs" }).debug("folder read", { documents: 35, changes: 35 });
  logger.info("run done", runFields("markdown/docs", 212));
  expect(said).toEqual(["35 documents delivered as 212 episodes, change one to see it arrive"]);
});

test("a change is one of documents, however many of their sections it has", () => {
  const { logger, said } = narrate({ webhooks: 0, delivered: 212, buried: 0, stoppedAtMs: 995_000 });
  const walk = (changes: number, delivered: number) => {
    logger.child({ kind: "markdown", name: "docs" }).debug("folder read", { documents: 35, changes });
    logger.info("run done", runFields("markdown/docs", delivered));
  };
  walk(1, 40);
  walk(2, 3);
  expect(said).toEqual([
    "since the stop 5 seconds ago: 1 document changed and delivered; 35 documents known",
    "2 documents changed and delivered",
  ]);
});

test("an outage of the sink is one line until it is over, whether a batch or the first look notices it", () => {
  const { logger, said, complaints } = narrate();
  const outage = { sink: "Statewave at http://x", reason: "network: ECONNREFUSED" };
  const hint = "start Statewave";
  logger.warn("Statewave takes nothing at the moment; what is to be delivered waits", { ...outage, hint });
  logger.error("the sink fails; trying again until it works", outage);
  const error = errorRecord("SINK_STOPPED", "the sink refuses everything");
  logger.error("run failed while it delivered or stored its cursor", { source: "markdown/docs", failures_in_a_row: 1, error });
  expect(complaints).toEqual([
    "Statewave at http://x takes nothing: network: ECONNREFUSED; start Statewave; what is read waits here",
  ]);
  logger.info("the sink takes episodes again", outage);
  expect(said).toEqual(["Statewave at http://x takes episodes again"]);
  logger.error("the sink fails; trying again until it works", outage);
  expect(complaints).toHaveLength(2);
});

test("runs without an episode are silent after the first", () => {
  const { logger, said } = narrate();
  logger.child({ kind: "markdown", name: "docs" }).debug("folder read", { documents: 35 });
  for (let count = 0; count < 3; count += 1) {
    logger.debug("run done, nothing new", runFields("markdown/docs", 0));
    logger.debug("run done, nothing new", runFields("github/repository", 0));
  }
  logger.info("run done", runFields("github/repository", 12));
  expect(said).toEqual([
    "up to date: 35 documents known, change one to see it arrive",
    "12 episodes of github/repository delivered",
  ]);
});

test.each([
  ["at a first start", undefined, 2, [0, 4], "2 documents read: 0 episodes delivered, 4 buried"],
  ["at a first start, a part of it", undefined, 2, [3, 1], "2 documents read: 3 episodes delivered, 1 buried"],
  ["of what changed", 995_000, 1, [0, 2], "1 document changed: 0 episodes delivered, 2 buried"],
])("what was buried is named %s", (_, stoppedAtMs, changes, [delivered = 0, buried = 0], expected) => {
  const { logger, said } = narrate(stoppedAtMs === undefined ? undefined : { webhooks: 0, delivered: 9, buried: 0, stoppedAtMs });
  logger.child({ kind: "markdown", name: "docs" }).debug("folder read", { documents: 2, changes });
  logger.info("run done", { ...runFields("markdown/docs", delivered), buried });
  expect(said).toEqual([`${expected}, look: npm run cli -- dead-letters list`]);
});

test("what was buried later is named, also of a webhook and of what could not be mapped", () => {
  const { logger, said } = narrate();
  logger.child({ kind: "markdown", name: "docs" }).debug("folder read", { documents: 2, changes: 0 });
  logger.debug("run done, nothing new", runFields("markdown/docs", 0));
  logger.child({ kind: "markdown", name: "docs" }).debug("folder read", { documents: 2, changes: 2 });
  logger.info("run done", { ...runFields("markdown/docs", 3), buried: 1 });
  logger.info("run done", { ...runFields("github/repository", 0), failed: 1 });
  logger.info("events processed", { source: "slack/quickstart", events: 1, delivered: 0, buried: 1, skipped: 0 });
  const buried = "1 buried, look: npm run cli -- dead-letters list";
  expect(said.slice(1)).toEqual([
    `2 documents changed: 3 episodes delivered, ${buried}`,
    `0 episodes of github/repository delivered, ${buried}`,
    `1 webhook for slack/quickstart received, 0 episodes delivered, ${buried}`,
  ]);
});

test("the end counts what was received, delivered and missed", () => {
  const { logger, said, ended } = narrate();
  logger.info("events processed", { source: "slack/quickstart", events: 2, delivered: 1, buried: 1, skipped: 0 });
  logger.info("stopped", { drained: true });
  expect(said.at(-1)).toBe("stopped: 2 webhooks received, 1 episode delivered, 1 buried, look: npm run cli -- dead-letters list");
  logger.info("stopped", { drained: true, waiting_events: 1 });
  expect(said.at(-1)).toMatch(/; 1 more webhook waits for the next start$/);
  expect(ended[0]).toEqual({ webhooks: 2, delivered: 1, buried: 1, stoppedAtMs: 1_000_000 });
});

test.each([
  [1_000, "1 second"],
  [119_000, "119 seconds"],
  [300_000, "5 minutes"],
  [7_200_000, "2 hours"],
  [172_800_000, "2 days"],
  [-5_000, "0 seconds"],
])("%i ms are %s", (ms, words) => {
  expect(describeDuration(ms)).toBe(words);
});

test("what to do about the sink names the variables and the command that a checkout has", () => {
  const { logger, complaints } = narrate();
  const hint = "check [statewave] url, or set [statewave] api_key";
  logger.error("the sink fails", { sink: "Statewave at http://x", reason: "401", hint });
  logger.warn("cursors belong to another sink", { hint: "run `statewave-connectors state reset --all`" });
  expect(complaints).toEqual([
    "Statewave at http://x takes nothing: 401; check STATEWAVE_URL, or set STATEWAVE_API_KEY; what is read waits here",
    expect.stringContaining("`npm run cli -- state reset --all`"),
  ]);
});
