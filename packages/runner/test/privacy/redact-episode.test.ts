import type { Episode } from "@statewave-connectors/connector-sdk";
import { describe, expect, it } from "vitest";
import { redactEpisode } from "../../src/privacy/redact-episode.ts";
import { redactLetter } from "../../src/privacy/redact-letter.ts";

const hide = (text: string) => text.replaceAll("SENTINEL", "[redacted: test]");
const byName = (text: string, name: string) => (name === "password" ? "[redacted: test]" : hide(text));

const episode: Episode = {
  subject: "person:SENTINEL",
  kind: "demo.note",
  text: "SENTINEL wrote",
  occurred_at: "2026-01-02T03:04:05Z",
  source: { type: "demo.note", id: "SENTINEL-1", url: "https://demo.example/SENTINEL" },
  idempotency_key: "demo:SENTINEL",
  title: "From SENTINEL",
  breadcrumb: "Handbook > SENTINEL",
  session: "demo-SENTINEL",
  author: { name: "SENTINEL", kind: "member", verifiedBy: "demo" },
  outcome: { status: "resolved", reason: "SENTINEL did it" },
  candidates: [{ kind: "domain_fact", text: "SENTINEL is on call" }],
  metadata: { from: "SENTINEL", deep: { list: ["SENTINEL", 7, true, null] }, password: "word" },
};

describe("an episode", () => {
  it("is redacted where it is read, and keeps subject, session, source and key", () => {
    const redacted = redactEpisode(episode, byName);
    expect(redacted).toEqual({
      ...episode,
      text: "[redacted: test] wrote",
      title: "From [redacted: test]",
      breadcrumb: "Handbook > [redacted: test]",
      author: { name: "[redacted: test]", kind: "member", verifiedBy: "demo" },
      outcome: { status: "resolved", reason: "[redacted: test] did it" },
      candidates: [{ kind: "domain_fact", text: "[redacted: test] is on call" }],
      metadata: { from: "[redacted: test]", deep: { list: ["[redacted: test]", 7, true, null] }, password: "[redacted: test]" },
    });
    expect(episode.text).toBe("SENTINEL wrote");
  });

  it("is redacted as it is sent: a NUL inside a secret hides nothing", () => {
    const split = {
      ...episode,
      text: "SENT\0INEL wrote",
      title: "From SENTI\0NEL",
      candidates: [{ kind: "domain_fact", text: "SENTINE\0L" }],
    };
    const redacted = redactEpisode(split as Episode, byName);
    expect(redacted.text).toBe("[redacted: test] wrote");
    expect(redacted.title).toBe("From [redacted: test]");
    expect(redacted.candidates).toEqual([{ kind: "domain_fact", text: "[redacted: test]" }]);
  });

  it("has no part that it did not have before", () => {
    const { title: _, breadcrumb: __, author: ___, outcome: ____, metadata: _____, candidates: ______, ...bare } = episode;
    expect(Object.keys(redactEpisode(bare, hide)).toSorted()).toEqual(Object.keys(bare).toSorted());
  });

  it("is redacted also where a number is a card number", () => {
    const digits = (text: string) => (text === "4111111111111111" ? "[redacted: card]" : text);
    const { metadata } = redactEpisode({ ...episode, metadata: { card: 4111111111111111, at: 1764451200000, count: 3 } }, digits);
    expect(metadata).toEqual({ card: "[redacted: card]", at: 1764451200000, count: 3 });
  });

  it.each([
    ["metadata that refers to itself", { metadata: withCycle() }],
    [
      "metadata that throws",
      {
        metadata: {
          get secret() {
            throw new Error("SENTINEL");
          },
        },
      },
    ],
    ["metadata that is a list", { metadata: ["SENTINEL"] }],
    ["a title that is a number", { title: 7 }],
    ["an author that is null", { author: null }],
    ["an outcome that is a text", { outcome: "SENTINEL" }],
    ["a text that is missing", { text: undefined }],
  ])("of plain JavaScript with %s does not throw", (_, odd) => {
    const redacted = redactEpisode({ ...episode, ...odd } as unknown as Episode, hide);
    expect(JSON.stringify(redacted.metadata) ?? "").not.toContain("SENTINEL");
  });
});

describe("a dead letter", () => {
  const letter = { key: "1", source: { kind: "demo", name: "a" }, buriedAtMs: 1, reason: "SENTINEL is no number" } as const;

  it("of an event shows its body redacted, also where JSON escapes it, and its headers", () => {
    const body = Buffer.from('{"text":"by \\u0053ENTINEL"}');
    const item = { type: "event", source: letter.source, headers: { from: "SENTINEL" }, body, receivedAtMs: 1 } as const;
    const redacted = redactLetter({ ...letter, type: "event", item }, hide);
    expect(redacted).toMatchObject({
      key: "1",
      reason: "[redacted: test] is no number",
      item: { headers: { from: "[redacted: test]" } },
    });
    expect(bodyOf(redacted.item)).toBe('{"text":"by [redacted: test]"}');
    expect(item.body.toString()).toContain("\\u0053ENTINEL");
  });

  it("of an event keeps a body byte for byte in which nothing is found", () => {
    const body = Uint8Array.of(0xff, 0xfe, 0x7b);
    const item = { type: "event", source: letter.source, headers: {}, body, receivedAtMs: 1 } as const;
    expect(redactLetter({ ...letter, type: "event", item }, hide).item).toMatchObject({ body });
  });

  it("of an item shows its raw form redacted", () => {
    const item = {
      type: "item",
      source: letter.source,
      direction: "pull",
      id: "7",
      raw: { n: "SENTINEL" },
      receivedAtMs: 1,
    } as const;
    expect(redactLetter({ ...letter, type: "item", item }, hide).item).toMatchObject({ id: "7", raw: { n: "[redacted: test]" } });
  });
});

function withCycle(): Record<string, unknown> {
  const metadata: Record<string, unknown> = { from: "SENTINEL" };
  metadata["self"] = metadata;
  return metadata;
}

function bodyOf(item: unknown): string {
  return Buffer.from((item as { readonly body: Uint8Array }).body).toString();
}
