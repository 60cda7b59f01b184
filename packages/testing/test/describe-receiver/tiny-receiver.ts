import { createHmac } from "node:crypto";
import {
  type ConfigSchema,
  ConnectorsError,
  defineConnector,
  type PushDeclaration,
  type Episode,
  idempotencyKey,
  type PushReceiver,
  type Received,
  type ReceivedEvent,
  type ReceivedRequest,
  type ReportHealth,
  refuse,
} from "@statewave-connectors/connector-sdk";
import { hmac, type HmacSignature, ignore, type Signature, verifier } from "@statewave-connectors/connector-sdk/signature";
import { type DecidingReceiver, type ReceiverSubject, signAs } from "../../src/index.ts";

/** What a receiver may reach. */
export interface World {
  readonly fetch: typeof globalThis.fetch;
  readonly reportHealth: ReportHealth;
}

/** The parts of a sound receiver, for faults to replace. */
export interface Parts {
  readonly methods: readonly string[];
  readonly maxSecrets: number;
  verify(request: ReceivedRequest, secrets: readonly string[]): Received | undefined;
  identify(request: ReceivedRequest): Received;
  map(event: ReceivedEvent): readonly Episode[];
  tellLoss(report: ReportHealth): void;
  /** What the connector offers to try an entry with. */
  readonly samples: PushDeclaration<readonly string[]>["samples"];
  /** Of what surrounds them. */
  wrap(sound: DecidingReceiver, world: World): PushReceiver;
}

export interface Fault {
  readonly mistake: string;
  readonly noticedBy: string;
  /** Of a provider that signs no time and knows one secret. */
  readonly plain?: boolean;
  readonly parts: (sound: Parts) => Partial<Parts>;
}

const toleranceSeconds = 60;

const signature: HmacSignature = {
  header: "x-tiny-signature",
  algorithm: "sha256",
  prefix: "v1=",
  timestamp: { header: "x-tiny-time", toleranceSeconds },
  signed: "{timestamp}{body}",
  secretOption: "secrets",
};

export const soundParts: Parts = {
  methods: ["POST"],
  maxSecrets: 2,
  verify(request, secrets) {
    const { reason, ...details } = verifier(hmac(signature), secrets)(request) ?? {};
    return reason && { ...refuse(401, reason), refusal: { reason, ...details } };
  },
  identify: ({ headers }) => ({ type: "event", id: headers["x-tiny-id"]! }),
  map: ({ body }) => toEpisodes(parse(body)),
  tellLoss: (report) => report(lost),
  samples: (_secrets, { id }) => [{ name: "a saying", body: '{"n":1,"text":"hello"}', headers: { "x-tiny-id": id } }],
  wrap: (sound) => sound,
};

/** The provider's last word. */
export const farewell = '{"farewell":true}';
export const lost: Parameters<ReportHealth>[0] = {
  ok: false,
  code: "TINY_LOST",
  message: "the provider said farewell",
  hint: "ask it to come back",
};

/** Without a time: what it says of the clock is nothing. */
const plainParts: Parts = {
  ...soundParts,
  maxSecrets: 1,
  verify: (request, secrets) =>
    soundParts.verify({ ...request, receivedAtMs: Number(request.headers["x-tiny-time"]) * 1000 }, secrets),
};

export function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new ConnectorsError({ code: "TINY_EVENT_UNMAPPABLE", message: "not JSON", cause });
  }
}

export function toEpisodes(event: unknown): readonly Episode[] {
  const { n, text } = Object(event) as { n?: unknown; text?: unknown };
  if (typeof n !== "number" || typeof text !== "string") {
    throw new ConnectorsError({ code: "TINY_EVENT_UNMAPPABLE", message: "not a saying" });
  }
  const said = `somebody said ${text}`;
  return [
    {
      subject: "tiny:all",
      kind: "tiny.said",
      text: said,
      occurred_at: "2025-01-01T00:00:00Z",
      source: { type: "tiny.saying", id: String(n) },
      idempotency_key: idempotencyKey("tiny", n),
    },
  ];
}

function toReceiver(parts: Parts, secrets: readonly string[], world: World): PushReceiver {
  const sound: DecidingReceiver = {
    methods: parts.methods,
    receive(request) {
      const refusal = parts.verify(request, secrets);
      if (refusal !== undefined) return refusal;
      if (new TextDecoder().decode(request.body) !== farewell) return parts.identify(request);
      parts.tellLoss(world.reportHealth);
      return { type: "respond", response: { status: 200 } };
    },
    async *pages(event) {
      yield { episodes: parts.map(event) };
    },
  };
  return parts.wrap(sound, world);
}

/** The sound receiver as data, of a provider that signs like this. */
export function signedSubject(declared: Signature): ReceiverSubject {
  return {
    ...tinySubject(),
    ...signAs(declared),
    connector: defineConnector<never, readonly string[]>({
      kind: "tiny",
      version: "0.0.0",
      push: {
        config: secretsSchema(soundParts),
        open: (secrets, { reportHealth }) => ({
          verify: verifier(declared, secrets),
          respond({ body }) {
            if (new TextDecoder().decode(body) !== farewell) return undefined;
            reportHealth(lost);
            return ignore("farewell");
          },
          identify: ({ headers }) => headers["x-tiny-id"],
          async *pages(event) {
            yield { episodes: toEpisodes(parse(event.body)) };
          },
        }),
      },
    }),
  };
}

/** A receiver on the suite, sound but for the fault. */
export function tinySubject(plain = false, fault?: Fault): ReceiverSubject {
  const sound = plain ? plainParts : soundParts;
  const parts: Parts = { ...sound, ...fault?.parts(sound) };
  return {
    connector: defineConnector<never, readonly string[]>({
      kind: "tiny",
      version: "0.0.0",
      push: {
        config: secretsSchema(parts),
        open: (secrets, world) => toReceiver(parts, secrets, world),
        ...(parts.samples !== undefined && { samples: parts.samples }),
      },
    }),
    capabilities: {
      signatureHeader: "x-tiny-signature",
      toleranceSeconds: plain ? "none" : toleranceSeconds,
      secrets: plain ? 1 : 2,
    },
    options: (secrets) => ({ secrets }),
    sign({ body, secret, atMs }) {
      const time = String(Math.floor(atMs / 1000));
      return {
        "x-tiny-time": time,
        "x-tiny-signature": `v1=${createHmac("sha256", secret).update(time).update(body).digest("hex")}`,
      };
    },
    samples: [
      { name: "a saying", body: '{"n":1,"text":"hello"}', headers: { "x-tiny-id": "s1" }, id: "s1", kinds: ["tiny.said"] },
      { name: "another", body: '{"n":2,"text":"bye"}', headers: { "x-tiny-id": "s2" }, id: "s2", kinds: ["tiny.said"] },
      { name: "a farewell", body: farewell, received: "respond", tellsLoss: true },
    ],
  };
}

function secretsSchema({ maxSecrets }: Parts): ConfigSchema<readonly string[]> {
  return {
    "~standard": {
      version: 1,
      vendor: "tiny",
      validate(options) {
        const { secrets } = options as { secrets: readonly string[] };
        return secrets.length > maxSecrets ? { issues: [{ message: "too many secrets" }] } : { value: secrets };
      },
    },
  };
}
