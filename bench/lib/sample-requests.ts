import type { Connector } from "@statewave-connectors/connector-sdk";
import { proverOf } from "@statewave-connectors/connector-sdk/signature";
import { fakeContext, validateOptions } from "@statewave-connectors/testing";

/** Whose samples are sent, as plain JSON. */
export interface SampleSender {
  readonly kind: string;
  /** The options of the receiver's entry. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A signed delivery. */
export interface DeliveryRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Makes deliveries of what a connector declares as its last sample, signed as it declares; nothing here knows a provider. */
export async function sampleRequests({ kind, options }: SampleSender): Promise<(id: string, atMs: number) => DeliveryRequest> {
  const { connector } = (await import(`@statewave-connectors/connector-${kind}`)) as { readonly connector: Connector };
  const { push } = connector;
  if (push?.samples === undefined) throw new Error(`connector ${kind} declares no samples`);
  const config = await validateOptions(push.config, options);
  const { verify } = push.open(config, fakeContext(kind));
  const prover = verify === undefined ? undefined : proverOf(verify);
  if (prover === undefined) throw new Error(`deliveries of ${kind} cannot be signed`);
  return (id, atMs) => {
    const sample = push.samples?.(config, { id, atMs }).at(-1);
    if (sample === undefined) throw new Error(`connector ${kind} has no sample for these options`);
    const { body, headers = {} } = sample;
    return { headers: { ...headers, ...prover({ body: Buffer.from(body), headers, atMs }).headers }, body };
  };
}
