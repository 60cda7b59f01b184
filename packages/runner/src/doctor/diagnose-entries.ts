import { type Clock, type Connector, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { loadConnectors } from "@statewave-connectors/config/adapters";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import type { EngineOptions } from "../composition/engine-options.ts";
import { checkFurther, checkOpened, StateOfChecks } from "../checks/check-entries.ts";
import type { OpenedPush } from "../push/opened-push.ts";
import { simulateOpened } from "../trial/simulate.ts";
import type { AnswerClocks } from "./check-clock.ts";
import { checkReceiver } from "./check-receivers.ts";
import { failure, type Finding, found } from "../checks/finding.ts";
import type { ReportedDiagnosis } from "./reported-diagnosis.ts";

interface EntriesLook extends EngineOptions {
  /** Where samples are sent to every receiver. */
  readonly url: string | undefined;
  /** Whether providers send a test notification. */
  readonly testsPush: boolean;
  readonly clocks: AnswerClocks;
  /** The stored cursors, by source. */
  readonly cursors: ReadonlyMap<string, string>;
}

/** What the connector of each entry finds at its provider, and of a receiver whether it takes what is signed and nothing else. */
export async function* diagnoseEntries(
  options: EntriesLook,
  signal: AbortSignal,
): AsyncGenerator<ReportedDiagnosis, void, undefined> {
  const { config, clock = systemClock, resolveFrom = [], clocks } = options;
  const connectors = options.connectors ?? (await loadConnectors(config, { resolveFrom }));
  const onAnswer = (answer: Response, sentAtMs: number) => {
    const host = URL.parse(answer.url)?.host;
    if (host !== undefined) clocks.answered(host, answer.headers.get("date"), sentAtMs, clock.now());
  };
  const state = new StateOfChecks(options);
  const { entries, close } = await openConfiguredEntries({ ...options, connectors }, { ...state.entryParts, onAnswer });
  const more = { state, clock, signal, testsPush: options.testsPush, cursors: options.cursors };
  try {
    for (const pull of entries.pulls) {
      for (const check of await checkOpened({ pulls: [pull], pushes: [] }, clock, signal))
        yield { check: await checkFurther(check, { pulls: [pull], pushes: [] }, more), further: [] };
    }
    for (const push of entries.pushes) {
      const receiver = await receiverFindings(push, { ...options, connectors }, signal);
      for (const check of await checkOpened({ pulls: [], pushes: [push] }, clock, signal))
        yield { check: await checkFurther(check, { pulls: [], pushes: [push] }, more), further: receiver };
    }
  } finally {
    await close();
    await state.close();
  }
}

interface ReceiverLook extends EntriesLook {
  readonly connectors: ReadonlyMap<string, Connector>;
}

async function receiverFindings(push: OpenedPush, options: ReceiverLook, signal: AbortSignal): Promise<readonly Finding[]> {
  const { clock = systemClock, connectors, url } = options;
  // The check of the entry names it.
  if (push.fault !== undefined) return [];
  const here = [await found(() => checkReceiver(push, connectors.get(push.key.kind), clock), clock, signal)].flat();
  // What the receiver here refuses, one behind an address refuses as well.
  if (url === undefined || here.some(({ ok }) => !ok)) return here;
  return [...here, await addressFinding(push, { ...options, url }, clock, signal)];
}

/** Why there is nothing to send, which is no fault of the receiver. */
const notSent: ReadonlySet<string> = new Set(["PUSH_SAMPLES_MISSING", "PUSH_SAMPLE_UNSIGNED"]);

async function addressFinding(
  push: OpenedPush,
  { url, ...options }: ReceiverLook & { readonly url: string },
  clock: Clock,
  signal: AbortSignal,
): Promise<Finding> {
  const sent = async (): Promise<Finding> => {
    try {
      const connector = options.connectors.get(push.key.kind);
      const samples = await simulateOpened({ ...options, push, connector, request: { source: push.key, url } }, signal);
      const findings = samples.map(({ finding }) => finding);
      return findings.find(({ ok }) => !ok) ?? findings.at(-1) ?? { ok: true, message: "there is no sample to be sent" };
    } catch (error) {
      if (!isConnectorsError(error) || !notSent.has(error.code)) throw error;
      const { message, hint } = failure(error);
      return { ok: true, isWarning: true, message, hint };
    }
  };
  return found(sent, clock, signal);
}
