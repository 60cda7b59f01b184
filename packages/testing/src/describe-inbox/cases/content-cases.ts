import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { type EventItem, sampleEpisode, sampleEvent, slack } from "../samples.ts";
import { itemAt } from "../../required.ts";

const bodies: Readonly<Record<string, Uint8Array>> = {
  empty: new Uint8Array(),
  "with NUL bytes": Buffer.from('{"text":"a\0b"}\0'),
  "that is no UTF-8": Uint8Array.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x00, 0x80]),
  "with escaped lone surrogates and big numbers": Buffer.from('{"b":"\\ud800","a":12345678901234567890,"a":1e400}'),
  "of every byte value": Uint8Array.from({ length: 256 }, (_, index) => index),
};

const hostileIds: readonly string[] = [
  "__proto__",
  "constructor",
  "",
  " ",
  "a:b|c/d\u0000e",
  "a:b|c/d\u0000f",
  "123",
  "0123",
  "'); DROP TABLE items; --",
  "Ünïcödé 🙂",
  "U\u0308",
  "\u00dc",
  "\ud800",
  "\udfff",
  "\ufffd",
  "x".repeat(10_000),
  `${"x".repeat(10_000)}y`,
];

async function roundTrip(harness: Parameters<InboxCase["run"]>[0], item: EventItem): Promise<EventItem> {
  const inbox = await harness.open();
  await inbox.accept(item);
  return (await harness.consume(inbox).one()).item as EventItem;
}

/** What is stored comes back as it was. */
export const contentCases: readonly InboxCase[] = [
  ...Object.entries(bodies).map(([name, body]): InboxCase => ({
    title: `gives back a body ${name} byte for byte`,
    async run(harness) {
      const event = sampleEvent({ body });
      const back = await roundTrip(harness, event);
      expect(Buffer.from(back.body).equals(body)).toBe(true);
      expect({ ...back, body }).toEqual(event);
    },
  })),
  {
    title: "gives back a body of 5 MB byte for byte",
    async run(harness) {
      const body = Buffer.alloc(5_000_000);
      for (let index = 0; index < body.length; index += 1) body[index] = (index * 31 + (index >> 8)) & 0xff;
      const back = await roundTrip(harness, sampleEvent({ body }));
      expect(Buffer.from(back.body).equals(body)).toBe(true);
    },
  },
  {
    title: "gives back headers as they were, hostile names and values included",
    async run(harness) {
      const headers: Record<string, string> = {
        plain: "value",
        empty: "",
        nul: "a\0b",
        surrogate: "a\ud800b",
        unicode: "Ünïcödé 🙂",
        constructor: "x",
      };
      Object.defineProperty(headers, "__proto__", { value: "polluted", enumerable: true });
      const back = await roundTrip(harness, sampleEvent({ headers, id: "lone \udc00 and \0", receivedAtMs: 12_345 }));
      expect(new Map(Object.entries(back.headers))).toEqual(new Map(Object.entries(headers)));
      expect({ id: back.id, receivedAtMs: back.receivedAtMs }).toEqual({ id: "lone \udc00 and \0", receivedAtMs: 12_345 });
    },
  },
  {
    title: "stores a part of a larger buffer as that part only",
    async run(harness) {
      const whole = Buffer.from("0123456789");
      const back = await roundTrip(harness, sampleEvent({ body: whole.subarray(3, 6) }));
      expect(Buffer.from(back.body).toString()).toBe("345");
    },
  },
  {
    title: "leaves the caller's buffer usable, and keeps what was accepted when the caller overwrites it",
    async run(harness) {
      const inbox = await harness.open();
      const body = new Uint8Array(Buffer.from("original"));
      await inbox.accept(sampleEvent({ body }));
      expect(body.byteLength).toBe(8);
      body.fill(0);
      const { item } = await harness.consume(inbox).one();
      expect(Buffer.from((item as EventItem).body).toString()).toBe("original");
    },
  },
  {
    title: "keeps hostile ids apart and remembers each",
    async run(harness) {
      const inbox = await harness.open();
      for (const expected of ["fresh", "duplicate"]) {
        for (const id of hostileIds) {
          const outcome = await inbox.accept(sampleEvent({ id }));
          if (outcome !== expected) throw new Error(`${JSON.stringify(id.slice(0, 30))} was ${outcome}, not ${expected}`);
        }
      }
      const claims = await harness.consume(inbox).holding(hostileIds.length);
      expect(new Set(claims.map(({ item }) => (item as EventItem).id))).toEqual(new Set(hostileIds));
    },
  },
  {
    title: "gives back an episode as it was, metadata and odd text included",
    async run(harness) {
      const inbox = await harness.open();
      const episode = sampleEpisode("key|with|parts", {
        text: "NUL \0, lone \ud800, 🙂",
        session: "thread-1",
        metadata: JSON.parse('{"__proto__":{"x":1},"n":1.5,"list":[{}],"text":"\\ud800"}'),
      });
      await inbox.buryEpisode(slack, episode, "refused");
      const letter = itemAt(await inbox.listDeadLetters(), 0);
      expect((await inbox.getDeadLetter(letter.key))?.item).toMatchObject({ type: "episode", source: slack });
      await inbox.retryDeadLetters([letter.key]);
      const { item } = await harness.consume(inbox).one();
      expect(item.type === "episode" && JSON.stringify(item.episode)).toBe(JSON.stringify(episode));
    },
  },
];
