import { createHmac, timingSafeEqual } from "node:crypto";
import {
  ConnectorsError,
  type Episode,
  idempotencyKey,
  type PushReceiver,
  type ReceivedEvent,
  refuse,
} from "@statewave-connectors/connector-sdk";
import { farewell, type Fault, lost, type Parts, parse, soundParts, toEpisodes } from "./tiny-receiver.ts";

const edited = (sound: Parts, change: (episode: Episode) => Partial<Episode>): Partial<Parts> => ({
  map: (event) => sound.map(event).map((episode) => ({ ...episode, ...change(episode) })),
});

/** Possible mistakes in a receiver, and for each the case that must notice. */
export const receiverFaults: readonly Fault[] = [
  {
    mistake: "forgets the delivery's id",
    noticedBy: "takes every sample as declared, under its id, with a 2xx",
    parts: () => ({ identify: () => ({ type: "event" }) }),
  },
  ...(
    [
      ["admits a sender with true", { verify: () => true }],
      ["admits a sender with null", { verify: async () => null }],
      ["lists its methods as a text", { methods: "POST" }],
      ["names a header that it stores by a number", { storedHeaders: [5] }],
      ["names a header that it stores in capitals", { storedHeaders: ["X-Tiny-Id"] }],
      ["has a form whose field is a number", { form: { field: 5 } }],
      ["stores something other than an event or a trigger", { stores: "both" }],
      ["decides nothing", { receive: () => undefined }],
      ["stores under an id that is a number", { receive: () => ({ type: "event", id: 5 }) }],
      ["answers with an object", { receive: () => ({ type: "respond", response: { status: 200, body: {} } }) }],
    ] as const
  ).map(([mistake, spoiled]) => ({
    mistake,
    noticedBy: "takes every sample as declared, under its id, with a 2xx",
    parts: (): Partial<Parts> => ({ wrap: (sound) => ({ ...sound, ...spoiled }) as unknown as PushReceiver }),
  })),
  {
    mistake: "answers what it takes with a redirect",
    noticedBy: "takes every sample as declared, under its id, with a 2xx",
    parts: (sound) => ({ identify: (request) => ({ ...sound.identify(request), type: "event", response: { status: 302 } }) }),
  },
  {
    mistake: "verifies only what is signed",
    noticedBy: "refuses a webhook without a signature",
    parts: (sound) => ({
      verify: (request, secrets) =>
        request.headers["x-tiny-signature"] === undefined ? undefined : sound.verify(request, secrets),
    }),
  },
  {
    mistake: "takes an empty secret beside its own",
    noticedBy: "refuses another secret's signature",
    parts: (sound) => ({
      verify(request, secrets) {
        const empty = createHmac("sha256", "")
          .update(request.headers["x-tiny-time"] ?? "")
          .update(request.body)
          .digest("hex");
        return request.headers["x-tiny-signature"] === `v1=${empty}` ? undefined : sound.verify(request, secrets);
      },
    }),
  },
  {
    mistake: "verifies the body as it parses, not as it came",
    noticedBy: "refuses a body that differs from the signed one in a byte",
    parts: (sound) => ({
      verify(request, secrets) {
        const text = new TextDecoder().decode(request.body).trim();
        return sound.verify({ ...request, body: new TextEncoder().encode(text) }, secrets);
      },
    }),
  },
  {
    mistake: "throws when a signature has another length",
    noticedBy: "refuses garbage in place of a signature",
    parts: (sound) => ({
      verify(request, secrets) {
        timingSafeEqual(Buffer.alloc(67), Buffer.from(request.headers["x-tiny-signature"] ?? "x".repeat(67)));
        return sound.verify(request, secrets);
      },
    }),
  },
  {
    mistake: "never looks at the signed time",
    noticedBy: "takes a delivery signed within the tolerance, and none signed earlier",
    parts: (sound) => ({
      verify: (request, secrets) =>
        sound.verify({ ...request, receivedAtMs: Number(request.headers["x-tiny-time"]) * 1000 }, secrets),
    }),
  },
  {
    mistake: "looks only for deliveries that are too old",
    noticedBy: "takes a delivery signed by a clock that is fast within the tolerance, and none from further ahead",
    parts: (sound) => ({
      verify(request, secrets) {
        const receivedAtMs = Math.max(request.receivedAtMs, Number(request.headers["x-tiny-time"]) * 1000);
        return sound.verify({ ...request, receivedAtMs }, secrets);
      },
    }),
  },
  {
    mistake: "looks at the clock before it looks at the signature",
    noticedBy: "reports by how much a clock is off to a genuine sender, and to no other",
    parts: (sound) => ({
      verify(request, secrets) {
        const skewMs = request.receivedAtMs - Number(request.headers["x-tiny-time"]) * 1000;
        if (Math.abs(skewMs) <= 60_000) return sound.verify(request, secrets);
        return { ...refuse(401, "timestamp_stale"), refusal: { reason: "timestamp_stale", skewMs } };
      },
    }),
  },
  {
    mistake: "refuses without a reason",
    noticedBy: "refuses a webhook without a signature",
    parts: (sound) => ({
      verify: (request, secrets) => (sound.verify(request, secrets) === undefined ? undefined : refuse(401, "no")),
    }),
  },
  {
    mistake: "takes the time of a plain delivery for signed",
    noticedBy: "takes a delivery of last year, because no time is signed",
    plain: true,
    parts: () => ({ verify: (request, secrets) => soundParts.verify(request, secrets) }),
  },
  {
    mistake: "tries only the first secret",
    noticedBy: "takes either of two secrets during a rotation, and no third",
    parts: (sound) => ({ verify: (request, secrets) => sound.verify(request, secrets.slice(0, 1)) }),
  },
  {
    mistake: "takes a second secret and forgets it",
    noticedBy: "refuses an entry with two secrets, because it knows one",
    plain: true,
    parts: () => ({ maxSecrets: 2 }),
  },
  {
    mistake: "says in a refusal which signature it expected",
    noticedBy: "names neither a secret nor a sound signature in a refusal",
    parts: (sound) => ({
      verify(request, secrets) {
        if (sound.verify(request, secrets) === undefined) return undefined;
        const time = request.headers["x-tiny-time"] ?? "";
        const wanted = createHmac("sha256", secrets[0]!).update(time).update(request.body).digest("hex");
        return refuse(401, "invalid_signature", `expected v1=${wanted}`);
      },
    }),
  },
  {
    mistake: "takes what comes by GET",
    noticedBy: "stores nothing that does not come by POST",
    parts: () => ({ methods: ["GET", "POST"], verify: () => undefined }),
  },
  {
    mistake: "parses before it stores, and throws",
    noticedBy: "answers a signed body that makes no sense below 500, and maps or refuses for good what it stores of it",
    parts: (sound) => ({
      identify(request) {
        JSON.parse(new TextDecoder().decode(request.body));
        return sound.identify(request);
      },
    }),
  },
  {
    mistake: "would map nonsense again for ever",
    noticedBy: "answers a signed body that makes no sense below 500, and maps or refuses for good what it stores of it",
    parts: (sound) => ({
      map(event) {
        try {
          return sound.map(event);
        } catch {
          throw new ConnectorsError({ code: "TINY_EVENT_UNMAPPABLE", message: "not now", retryable: true });
        }
      },
    }),
  },
  {
    mistake: "trusts the types of fields",
    noticedBy: "judges a sample in which any field is of another type",
    parts: () => ({
      map(event) {
        const { n, text } = parse(event.body) as { n: number; text: string };
        return toEpisodes({ n, text: text.trim() });
      },
    }),
  },
  {
    mistake: "looks up by a word of the provider what has that name in every object",
    noticedBy: "takes a word of the provider for a word, also where every object has a property of that name",
    parts: (sound) => {
      const map = (event: ReceivedEvent) => sound.map(event);
      const changes: Readonly<Record<string, typeof map>> = { hello: map, bye: map };
      return { map: (event) => changes[(parse(event.body) as { readonly text: string }).text]?.(event) ?? map(event) };
    },
  },
  {
    mistake: "stores every header",
    noticedBy: "takes a delivery beside headers it does not know, however many and long",
    parts: (sound) => ({
      identify: (request) => ({
        ...sound.identify(request),
        type: "event",
        headers: { ...request.headers } as Record<string, string>,
      }),
    }),
  },
  {
    mistake: "changes the body it was given",
    noticedBy: "leaves the body as it was",
    parts: (sound) => ({
      identify(request) {
        request.body.reverse();
        return sound.identify(request);
      },
    }),
  },
  {
    mistake: "stores the Authorization header",
    noticedBy: "has no credential stored among the headers",
    parts: (sound) => ({
      identify: (request) => ({
        ...sound.identify(request),
        type: "event",
        headers: { authorization: request.headers["authorization"] ?? "" },
      }),
    }),
  },
  {
    mistake: "calls the provider before it answers",
    noticedBy: "sends no request while it opens and receives",
    parts: () => ({
      wrap: (sound, { fetch }) => ({
        ...sound,
        async receive(request) {
          await fetch("http://provider.invalid").catch(() => undefined);
          return sound.receive(request);
        },
      }),
    }),
  },
  {
    mistake: "gives every copy an id of its own",
    noticedBy: "has a delivery that comes twice stored once under its id, or each time without one",
    parts: (sound) => {
      let copies = 0;
      return { identify: (request) => ({ ...sound.identify(request), type: "event", id: `copy-${(copies += 1)}` }) };
    },
  },
  {
    mistake: "remembers ids before they are stored",
    noticedBy:
      "has a delivery stored by its second try when the store was unavailable at the first, which is answered 503 with Retry-After",
    parts: (sound) => {
      const seen = new Set<unknown>();
      return {
        identify(request) {
          const id = request.headers["x-tiny-id"];
          if (seen.has(id)) return { type: "respond", response: { status: 200 } };
          seen.add(id);
          return sound.identify(request);
        },
      };
    },
  },
  ...["2025-01-01", "2025-01-01T00:00:00", "yesterday"].map((time) => ({
    mistake: `says ${time} for a time`,
    noticedBy: "maps every sample to sound episodes of the declared kinds",
    parts: (sound: Parts) => edited(sound, () => ({ occurred_at: time })),
  })),
  {
    mistake: "names its kinds after another source",
    noticedBy: "maps every sample to sound episodes of the declared kinds",
    parts: (sound) => edited(sound, () => ({ kind: "other.said" })),
  },
  {
    mistake: "says nothing",
    noticedBy: "maps every sample to sound episodes of the declared kinds",
    parts: (sound) => edited(sound, () => ({ text: " \0" })),
  },
  {
    mistake: "writes keys of its own make",
    noticedBy: "maps every sample to sound episodes of the declared kinds",
    parts: (sound) => edited(sound, ({ source }) => ({ idempotency_key: source.id })),
  },
  {
    mistake: "makes the time of arrival part of the key",
    noticedBy: "gives the same keys when it maps again, also a day later and in another process",
    parts: (sound) => ({
      map: (event) =>
        sound.map(event).map((episode) => ({ ...episode, idempotency_key: idempotencyKey("tiny", event.receivedAtMs) })),
    }),
  },
  {
    mistake: "keeps the signal from its requests",
    noticedBy: "ends its mapping at once when it is aborted while the provider is silent",
    parts: () => ({
      wrap: (sound, { fetch }) => ({
        ...sound,
        async *pages(event, signal) {
          await fetch("http://provider.invalid");
          yield* sound.pages(event, signal);
        },
      }),
    }),
  },
  ...[
    { mistake: "keeps to itself that its source is lost", told: [] },
    { mistake: "tells a loss without a hint", told: [{ ...lost, hint: "" }] },
    { mistake: "tells a loss under another's code", told: [{ ...lost, code: "OTHER_LOST" }] },
  ].map(({ mistake, told }) => ({
    mistake,
    noticedBy:
      "reports a loss for those samples that declare one, in a sentence with a code of its own and a hint, and for no other",
    parts: (): Partial<Parts> => ({ tellLoss: (report) => told.forEach((health) => report(health)) }),
  })),
  {
    mistake: "tells a loss at every event",
    noticedBy:
      "reports a loss for those samples that declare one, in a sentence with a code of its own and a hint, and for no other",
    parts: () => ({
      wrap: (sound, { reportHealth }) => ({
        ...sound,
        receive(request) {
          reportHealth(lost);
          return sound.receive(request);
        },
      }),
    }),
  },
  {
    mistake: "tells a loss before it verifies",
    noticedBy: "changes its source's health for signed deliveries only",
    parts: () => ({
      wrap: (sound, { reportHealth }) => ({
        ...sound,
        receive(request) {
          if (new TextDecoder().decode(request.body) === farewell) reportHealth(lost);
          return sound.receive(request);
        },
      }),
    }),
  },
  ...(
    [
      ["offers a sample without the mark", () => [{ name: "a", body: '{"n":1,"text":"hello"}', headers: { "x-tiny-id": "s9" } }]],
      ["offers a sample that it cannot map", (_, { id }) => [{ name: "a", body: "{}", headers: { "x-tiny-id": id } }]],
      ["offers no sample", () => []],
      [
        "offers two samples of one name",
        (_, { id }) => ["a", "a"].map((name) => ({ name, body: '{"n":1,"text":"hello"}', headers: { "x-tiny-id": id } })),
      ],
    ] satisfies readonly (readonly [string, Parts["samples"]])[]
  ).map(([mistake, samples]) => ({
    mistake,
    noticedBy: "takes each of the connector's own samples when it is signed, under its marked id, and maps it to sound episodes",
    parts: (): Partial<Parts> => ({ samples }),
  })),
];
