import { randomUUID } from "node:crypto";
import { type Connector, ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { WebhookSample } from "@statewave-connectors/connector-sdk/signature";
import { formatSourceKey, systemClock } from "@statewave-connectors/connector-sdk/host";
import { sampleHeader, sampleIdPrefix } from "@statewave-connectors/connector-sdk/receive";
import { proverOf } from "@statewave-connectors/connector-sdk/signature";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { loadConnectors } from "@statewave-connectors/config/adapters";
import type { EngineOptions } from "../composition/engine-options.ts";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import type { Finding } from "../checks/finding.ts";
import { unknownEntry } from "../entry-name.ts";
import { openConnectorFetch } from "../network/connector-fetch.ts";
import { networkOf } from "../network/network.ts";
import { mountPath, type OpenedPush } from "../push/opened-push.ts";
import { mapSample, type MappedSample } from "./map-sample.ts";
import { judgeRemote } from "./judge-remote.ts";
import { receiveSample } from "./send-sample.ts";

/** Which samples are sent, and where. */
export interface SimulationRequest {
  readonly source: SourceKey;
  /** Only the one of this name. */
  readonly sample?: string | undefined;
  /** A runner's address, such as its public one. Absent: the receiver is opened here, and nothing is sent. */
  readonly url?: string | undefined;
  /** Leaves the mark out that keeps samples from being stored. */
  readonly deliver?: boolean | undefined;
}

/** What became of one sample. */
export interface SimulatedSample {
  readonly name: string;
  /** What it carries in the place of the provider's id. */
  readonly id: string;
  readonly finding: Finding;
  /** What it becomes. Absent: the receiver answers it and stores nothing, or it was sent to a runner. */
  readonly mapped?: MappedSample;
}

/**
 * Sends the samples of a receiver's connector, signed with the secret of the entry: here, or to a runner. Nothing reaches Statewave unless
 * `deliver` is set. Throws `RUNNER_ENTRY_UNKNOWN`, `PUSH_SAMPLES_MISSING`, and `PUSH_SAMPLE_UNSIGNED` for a sender that signs with a key of its own.
 */
export async function simulate(
  options: EngineOptions,
  request: SimulationRequest,
  signal: AbortSignal,
): Promise<readonly SimulatedSample[]> {
  const { config, resolveFrom = [] } = options;
  const connectors = options.connectors ?? (await loadConnectors(config, { resolveFrom }));
  const { entries, close } = await openConfiguredEntries({ ...options, connectors });
  try {
    const push = findPush(entries.pushes, request.source);
    return await simulateOpened({ ...options, push, connector: connectors.get(push.key.kind), request }, signal);
  } finally {
    await close();
  }
}

interface Simulation extends EngineOptions {
  readonly push: OpenedPush;
  readonly request: SimulationRequest;
}

/** The same for a receiver that is open already. */
export async function simulateOpened(
  { connector, ...simulation }: Simulation & { readonly connector: Connector | undefined },
  signal: AbortSignal,
): Promise<readonly SimulatedSample[]> {
  const { clock = systemClock, push, request } = simulation;
  if (push.fault !== undefined) throw push.fault;
  const make = (id: string) => connector?.push?.samples?.(push.entry.options, { id, atMs: clock.now() }) ?? [];
  const names = make(sampleIdPrefix).map(({ name }) => name);
  const results: SimulatedSample[] = [];
  for (const name of chooseNames(names, request)) {
    const id = `${sampleIdPrefix}${randomUUID()}`;
    const sample = make(id).find((each) => each.name === name);
    if (sample === undefined) continue;
    results.push(await simulateOne(simulation, { ...sample, id }, signal));
  }
  return results;
}

async function simulateOne(
  { push, request, ...options }: Simulation,
  sample: WebhookSample & { readonly id: string },
  signal: AbortSignal,
): Promise<SimulatedSample> {
  const { clock = systemClock } = options;
  const { name, id } = sample;
  const signed = signedRequest(push, sample, clock.now());
  const here = await receiveSample(push, signed, clock.now());
  if (request.url === undefined || !here.finding.ok) {
    const { item } = here;
    const mapped = item?.type === "event" ? await mapSample(push, item, signal) : undefined;
    return { name, id, finding: here.finding, ...(mapped && { mapped }) };
  }
  const headers = request.deliver === true ? signed.headers : { ...signed.headers, [sampleHeader]: id };
  const url = addressOf(push, request.url, options.config.runner.basePath);
  for (const [parameter, value] of Object.entries(signed.query ?? {})) url.searchParams.set(parameter, value);
  const { fetch, close } = openConnectorFetch({ ...options, network: networkOf(options.config.runner.http) });
  try {
    const finding = await judgeRemote(
      fetch,
      { url, headers, body: signed.body, stores: storedAs(here.item), delivers: request.deliver === true },
      signal,
    );
    return { name, id, finding };
  } finally {
    await close();
  }
}

function storedAs(item: InboxItem | undefined): "event" | "trigger" | undefined {
  if (item === undefined) return undefined;
  return item.type === "trigger" ? "trigger" : "event";
}

/** The address of the receiver: a runner's, with or without its `base_path`, and the path behind it; or the whole of it. */
function addressOf(push: OpenedPush, text: string, basePath = ""): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConnectorsError({
      code: "PUSH_ADDRESS_INVALID",
      message: `${JSON.stringify(text.slice(0, 200))} is not the address of a runner`,
      hint: "pass --url with an http or https address such as https://connectors.example.com",
    });
  }
  if (url.pathname.endsWith("/events")) return url;
  const given = url.pathname.replace(/\/$/, "");
  url.pathname = given + mountPath(push, decoded(given).endsWith(decoded(basePath)) ? "" : basePath);
  return url;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function signedRequest(push: OpenedPush, sample: WebhookSample, atMs: number) {
  const { verify } = push.receiver;
  const body = new TextEncoder().encode(sample.body);
  const headers = { "content-type": "application/json", ...sample.headers };
  const proof = verify === undefined ? undefined : proverOf(verify)?.({ body, headers, atMs });
  if (proof === undefined) {
    throw new ConnectorsError({
      code: "PUSH_SAMPLE_UNSIGNED",
      message: `no sample of ${formatSourceKey(push.key)} can be signed here: its sender signs with a key of its own`,
      hint: "let the provider send a test delivery: `doctor --test-push` has it send one, where it can",
    });
  }
  return { ...proof, headers: { ...headers, ...proof.headers }, body };
}

function chooseNames(names: readonly string[], { source, sample }: SimulationRequest): readonly string[] {
  if (names.length === 0) {
    throw new ConnectorsError({
      code: "PUSH_SAMPLES_MISSING",
      message: `the connector of ${formatSourceKey(source)} offers no samples`,
      hint: "let the provider send a test delivery, or pass a body of one to `try --sample`",
    });
  }
  if (sample === undefined) return names;
  if (names.includes(sample)) return [sample];
  throw new ConnectorsError({
    code: "PUSH_SAMPLES_MISSING",
    message: `${formatSourceKey(source)} has no sample ${JSON.stringify(sample.slice(0, 80))}`,
    hint: `name one of ${names.join(", ")}`,
  });
}

function findPush(pushes: readonly OpenedPush[], source: SourceKey): OpenedPush {
  const push = pushes.find(({ key }) => key.kind === source.kind && key.name === source.name);
  if (push !== undefined) return push;
  const known = pushes.map(({ key }) => ({ direction: "push" as const, source: key }));
  throw unknownEntry({ direction: "push", source }, known);
}
