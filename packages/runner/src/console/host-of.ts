import { maskSecretsIn } from "@statewave-connectors/connector-sdk/secrets";
import { actorOfProcess } from "../actions/actor.ts";
import { listActions, recordActionIfKept } from "../actions/record-action.ts";
import type { Engine } from "../composition/engine.ts";
import { heldOperations } from "../control/operations/engine-operations.ts";
import type { TokenGate } from "../http/token-gate.ts";
import { pauseEntries, resumeEntries } from "../pauses/pause-entries.ts";
import { listRuns } from "../runs/list-runs.ts";
import { readStatus } from "../status/read-status.ts";
import { version } from "../version.ts";
import type { Activity } from "./activity.ts";
import type { ConsoleHost, ConsoleOperations } from "./console-host.ts";

/** What a page is made from, of a running engine. */
export function consoleHostOf(engine: Engine, activity: Activity, gate: TokenGate): ConsoleHost {
  const { clock, random, logger } = engine;
  const operations = heldOperations(engine);
  const { records } = operations;
  return {
    version,
    // A reload replaces both the token and the entries.
    get token() {
      return engine.config.runner.admin?.token;
    },
    checkToken: (sent, peer) => gate.check(sent, peer),
    allowActions: engine.config.runner.admin?.console?.allowActions === true,
    clock,
    logger,
    activity,
    operations: masked(operations),
    readStatus: async () =>
      withoutSecrets(
        await readStatus(
          { ...operations, sink: engine.binding.sink, countQueued: undefined, listQueued: undefined },
          engine.config,
          clock.now(),
        ),
      ),
    listRuns: async (source) => withoutSecrets(await listRuns(operations, source)),
    listActions: async (limit) => withoutSecrets(await listActions(records, limit)),
    async changePauses(act, { visitor, ...action }) {
      const change = act === "pause" ? pauseEntries : resumeEntries;
      const { changes, failure } = await change({ records, clock, random }, { ...action, by: actorOfProcess(visitor) });
      if (failure !== undefined) throw failure.error;
      return withoutSecrets(changes);
    },
    act: ({ visitor, ...action }, carryOut) =>
      recordActionIfKept({ records, clock, random }, { ...action, by: actorOfProcess(visitor) }, carryOut),
  };
}

/** A number that is a secret becomes a text, too. */
function withoutSecrets<Value>(value: Value): Value {
  return maskSecretsIn(value) as Value;
}

function masked(operations: ConsoleOperations): ConsoleOperations {
  return {
    listQueued: async (query) => withoutSecrets(await operations.listQueued(query)),
    getQueued: async (key) => withoutSecrets(await operations.getQueued(key)),
    listDeadLetters: async (query) => withoutSecrets(await operations.listDeadLetters(query)),
    getDeadLetter: async (key) => withoutSecrets(await operations.getDeadLetter(key)),
    retryDeadLetters: async (keys) => withoutSecrets(await operations.retryDeadLetters(keys)),
    discardDeadLetters: (keys) => operations.discardDeadLetters(keys),
    listBackfills: async () => withoutSecrets(await operations.listBackfills()),
    cancelBackfill: async (id) => withoutSecrets(await operations.cancelBackfill(id)),
  };
}
