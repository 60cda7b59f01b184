// What a user of a third party's connector relies on, with the installed program: nothing lost, nothing doubled, counted by idempotency key.
import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { releaseChange } from "./connector-package.mjs";
import { OutsideWorld, request, until } from "./world.mjs";

/**
 * A connector and its provider, which has one item that cannot be mapped.
 *
 * @typedef {object} Subject
 * @property {string} kind
 * @property {readonly string[]} dependencies Of its own, besides the template's.
 * @property {(provider: import("./world.mjs").Provider) => string} entries As TOML; the pull entry comes first and is named `main`.
 * @property {number} episodes How many a whole sync delivers.
 * @property {{ readonly file: string, readonly from: string, readonly to: string }} repair The release that can map the broken item.
 * @property {(provider: import("./world.mjs").Provider) => Promise<Webhook>} [webhook] An event that the pull has, too.
 * @property {boolean} [answersUnchanged] The provider answers 304 where nothing changed.
 */
/** @typedef {{ readonly path: string, readonly body: string, readonly headers: Readonly<Record<string, string>> }} Webhook */

/** @param {string} app @param {Subject} subject */
export async function proveEndToEnd(app, subject) {
  const world = new OutsideWorld(app, subject.kind);
  try {
    await world.open(subject.entries);
    const keys = previewedKeys(world, subject);
    if (subject.webhook !== undefined) await provePush(world, await subject.webhook(world.provider), keys);
    await proveKilledSync(world, keys);
    await proveQuietSync(world, subject);
    await proveDeadLetter(world, subject, keys);
    assert.deepEqual((await world.requested()).refused, [], "requests that the provider does not know");
  } finally {
    await world.close();
  }
}

/** The keys of everything that a sync delivers, without delivering it. @param {OutsideWorld} world @param {Subject} subject */
function previewedKeys(world, { kind, entries, episodes }) {
  const config = join(world.folder, "preview.toml");
  world.writeConfig(config, entries(world.provider).replace('name = "main"\n', 'name = "main"\nmax_items = 100000\n'));
  const lines = world.jsonLines("sync", `${kind}/main`, "--dry-run", "--json", "--config", config);
  const keys = new Set(lines.flatMap(({ episode }) => (episode === undefined ? [] : [episode.idempotency_key])));
  assert.equal(keys.size, episodes, "episodes of the source");
  return keys;
}

/** A signed webhook is delivered under the key that the pull gives the same event. @param {OutsideWorld} world @param {Webhook} webhook @param {ReadonlySet<string>} keys */
async function provePush(world, { path, body, headers }, keys) {
  const runner = world.start("run");
  let log = "";
  runner.stderr?.setEncoding("utf8").on("data", (text) => (log += text));
  const url = await until(`the runner listens\n${log}`, () => /"url":"(http:[^"]+)"/.exec(log)?.[1]);
  const post = (/** @type {Readonly<Record<string, string>>} */ sent) =>
    request(url + path, { method: "POST", body, headers: sent });
  assert.equal((await post({ "content-type": "application/json" })).status, 401, "the answer to a webhook without a signature");
  assert.equal((await post(headers)).status, 200, "the answer to a signed webhook");
  await world.stored(1);
  runner.kill("SIGTERM");
  assert.deepEqual(await once(runner, "exit"), [0, null], "the end of the runner");
  const [pushed, ...others] = await world.episodes();
  assert.deepEqual(others, [], "episodes besides the webhook's");
  assert.ok(pushed !== undefined && keys.has(pushed.idempotency_key), "the pull gives the pushed event the same key");
}

/** `kill -9` in the middle of the first sync: the next one delivers the rest. @param {OutsideWorld} world @param {ReadonlySet<string>} keys */
async function proveKilledSync(world, keys) {
  const source = `${world.kind}/main`;
  await world.setFaults([{ type: "latency", latencyMs: 500 }]);
  const killed = world.start("sync", source);
  await world.stored(100);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  // What it had sent arrives all the same, when the latency is over.
  await delay(2_000);
  const { stored } = await world.stats();
  assert.ok(stored < keys.size, `the sync was over before it was killed: ${stored} of ${keys.size} were stored`);
  await world.setFaults([]);
  assert.equal(world.jsonLines("sync", source, "--json").at(-1)?.complete, true, "the sync after a kill is complete");
  await expectStored(world, keys);
}

/** A sync of an unchanged source delivers nothing. @param {OutsideWorld} world @param {Subject} subject */
async function proveQuietSync(world, { answersUnchanged = false }) {
  const before = await world.stats();
  const { code, stdout, stderr } = world.command("sync", `${world.kind}/main`);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /: 0 of 0 episodes delivered/);
  assert.deepEqual(await world.stats(), before, "what Statewave got");
  if (answersUnchanged) assert.equal((await world.requested()).answers["304"], 1, "answers that say that nothing changed");
}

/** An item that cannot be mapped is kept, and delivered by the release that can map it. @param {OutsideWorld} world @param {Subject} subject @param {ReadonlySet<string>} keys */
async function proveDeadLetter(world, { repair }, keys) {
  const letters = world.jsonLines("dead-letters", "list", "--json");
  assert.deepEqual(
    letters.map(({ source, type }) => [source, type]),
    [[`${world.kind}/main`, "item"]],
  );
  const kept = world.command("dead-letters", "retry", "--all", "--yes");
  assert.deepEqual([kept.code, kept.stdout.trim()], [1, "0 mapped and delivered, 1 kept"], kept.stderr);
  releaseChange(world.connector, repair);
  const retried = world.command("dead-letters", "retry", "--all", "--yes");
  assert.deepEqual([retried.code, retried.stdout.trim()], [0, "1 mapped and delivered"], retried.stderr);
  assert.deepEqual(world.jsonLines("dead-letters", "list", "--json"), []);
  const added = (await world.episodes()).filter(({ idempotency_key: key }) => !keys.has(key));
  assert.equal(added.length, 1, "episodes of the item that was retried");
  await expectStored(world, new Set([...keys, ...added.map(({ idempotency_key: key }) => key)]));
}

/** Each key once, and no other. @param {OutsideWorld} world @param {ReadonlySet<string>} keys */
async function expectStored(world, keys) {
  const stored = (await world.episodes()).map(({ idempotency_key: key }) => key);
  const known = new Set(stored);
  const lost = [...keys].filter((key) => !known.has(key));
  const unexpected = [...known].filter((key) => !keys.has(key));
  assert.deepEqual({ lost, unexpected, doubled: stored.length - known.size }, { lost: [], unexpected: [], doubled: 0 });
}
