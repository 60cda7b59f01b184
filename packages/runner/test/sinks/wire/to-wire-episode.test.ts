import { describe, expect, it } from "vitest";
import { PreparedEpisode, wireBytes, wireJson } from "../../../src/sinks/wire/prepared-episode.ts";
import { toWireEpisode } from "../../../src/sinks/wire/to-wire-episode.ts";
import { makeEpisode, outbound } from "../../delivery/make-episode.ts";

function wire(changes: Parameters<typeof makeEpisode>[1] = {}) {
  return toWireEpisode(outbound(makeEpisode(1, changes)));
}

describe("the wire form of an episode", () => {
  it("holds every field at its place", () => {
    expect(wire({ title: "Leak", session: "github/42", metadata: { author: "alice" } })).toEqual({
      subject_id: "repo:acme.widgets",
      source: "github.issue",
      type: "github.issue.opened",
      payload: {
        text: "alice opened acme/widgets#42: 1",
        source_id: "acme/widgets#42",
        event_time: "2026-01-02T03:04:05.678Z",
        source_url: "https://github.com/acme/widgets/issues/42",
        title: "Leak",
      },
      metadata: { author: "alice", subject_original: "repo:acme/widgets", idempotency_key: "key-1" },
      provenance: {
        connector: "github",
        connector_version: "1.2.3",
        source: { type: "github.issue", id: "acme/widgets#42", url: "https://github.com/acme/widgets/issues/42" },
      },
      session_id: "github.42",
      occurred_at: "2026-01-02T03:04:05.678Z",
      idempotency_key: "key-1",
    });
  });

  it("says who wrote it, where it stands and how it ended", () => {
    const { payload, metadata, provenance } = wire({
      breadcrumb: "Handbook > Travel",
      author: { name: "alice", kind: "external", verifiedBy: "github.author_association" },
      outcome: { status: "merged", reason: "approved by bob" },
      metadata: { outcome: "of the connector's own" },
    });
    expect(payload.breadcrumb).toBe("Handbook > Travel");
    expect(metadata["outcome"]).toEqual({ status: "merged", reason: "approved by bob" });
    expect(provenance.author).toEqual({ name: "alice", kind: "external", verified_by: "github.author_association" });
  });

  it("has nothing of an author, an outcome or a breadcrumb that is none", () => {
    for (const stranger of [null, 5, "alice", [], {}, { name: "", status: " " }]) {
      const broken = { author: stranger, outcome: stranger, breadcrumb: Array.isArray(stranger) ? stranger : null } as never;
      const { payload, metadata, provenance } = wire(broken);
      expect(payload).not.toHaveProperty("breadcrumb");
      expect(metadata).not.toHaveProperty("outcome");
      expect(provenance).not.toHaveProperty("author");
    }
  });

  it.each([
    [
      { name: "eve", kind: "admin", verifiedBy: "trust me" },
      { name: "eve", kind: "anonymous" },
    ],
    [
      { name: "eve", verifiedBy: "trust me" },
      { name: "eve", kind: "anonymous" },
    ],
    [
      { name: "eve", kind: "SELF" },
      { name: "eve", kind: "anonymous" },
    ],
    [
      { name: " ", kind: "bot" },
      { name: "unknown", kind: "bot" },
    ],
    [
      { kind: "member", verifiedBy: 7 },
      { name: "unknown", kind: "member" },
    ],
  ])("trusts no author more than it understands: %j", (author, shown) => {
    expect(wire({ author: author as never }).provenance.author).toEqual(shown);
  });

  it("keeps author, outcome and breadcrumb on one line, cut to length and free of what cannot be stored", () => {
    const dirty = "a\0b\n\ud800c ";
    const long = dirty.repeat(1_000);
    const { payload, metadata, provenance } = wire({
      breadcrumb: long,
      author: { name: long, kind: "bot", verifiedBy: long },
      outcome: { status: long, reason: long },
    });
    const { status, reason } = metadata["outcome"] as { status: string; reason: string };
    const { name = "", verified_by = "" } = provenance.author ?? {};
    const parts = [payload.breadcrumb ?? "", name, verified_by, status, reason];
    expect(parts.map((part) => part.length)).toEqual([512, 256, 256, 64, 512]);
    for (const part of parts) expect(part.startsWith("ab \ufffdc ab")).toBe(true);
    expect(JSON.stringify(parts)).not.toMatch(/\\u0000|\\n|\\ud8/);
  });

  it("carries memory candidates, cut to length and number, and leaves out those that are none", () => {
    const candidates = [
      { kind: "domain_fact", text: " Night shifts are\0 class C. \ud800" },
      { kind: "opinion", text: "none" },
      { kind: "procedure", text: " " },
      { kind: "procedure", text: "x".repeat(4_001), id: 7 },
      null,
      "text",
      ...Array.from({ length: 60 }, (_, at) => ({ kind: "episode_summary", text: `summary ${at}` })),
    ] as never;
    const kept = wire({ candidates }).payload.statewave?.memory_candidates ?? [];
    expect(kept.slice(0, 3)).toEqual([
      { kind: "domain_fact", text: "Night shifts are class C. \ufffd" },
      { kind: "procedure", text: "x".repeat(4_000) },
      { kind: "episode_summary", text: "summary 0" },
    ]);
    expect(kept).toHaveLength(2 + 44);
  });

  it.each([[undefined], [null], [[]], ["fact"], [{ kind: "procedure", text: "a" }], [[{ kind: "procedure" }]]])(
    "has no candidates when there are none: %j",
    (candidates) => {
      expect(wire({ candidates: candidates as never }).payload).not.toHaveProperty("statewave");
    },
  );

  it("leaves out what the episode does not have", () => {
    const { payload, metadata, ...rest } = wire({ subject: "team:T1", source: { type: "t", id: "1" } });
    expect(payload).not.toHaveProperty("source_url");
    expect(payload).not.toHaveProperty("title");
    expect(rest).not.toHaveProperty("session_id");
    expect(metadata).toEqual({ idempotency_key: "key-1" });
  });

  it("keeps the key of the episode over one of the same name in its metadata", () => {
    expect(wire({ metadata: { idempotency_key: "other" } }).metadata["idempotency_key"]).toBe("key-1");
  });

  it("turns any offset into UTC", () => {
    expect(wire({ occurred_at: "2026-01-02T03:04:05+02:00" }).occurred_at).toBe("2026-01-02T01:04:05.000Z");
    expect(wire({ occurred_at: "2026-01-02T03:04-0530" }).occurred_at).toBe("2026-01-02T08:34:00.000Z");
  });

  it("cuts a long text at 16 KiB, a title at 512 and leaves a very long address out", () => {
    const { payload } = wire({
      text: "word ".repeat(10_000),
      title: "t".repeat(2000),
      source: { type: "t", id: "i".repeat(5000), url: `https://x/${"u".repeat(3000)}` },
    });
    expect(Buffer.byteLength(payload.text)).toBeLessThanOrEqual(16 * 1024);
    expect(payload.text.endsWith("[cut]")).toBe(true);
    expect(payload.title).toHaveLength(512);
    expect(payload.source_id).toHaveLength(1024);
    expect(payload).not.toHaveProperty("source_url");
  });

  it("carries no NUL and no lone surrogate anywhere, not even in keys of nested metadata", () => {
    const dirty = "a\0b\ud800c";
    const json = JSON.stringify(
      wire({
        subject: dirty,
        kind: dirty,
        text: dirty,
        title: dirty,
        session: dirty,
        idempotency_key: dirty,
        source: { type: dirty, id: dirty, url: dirty },
        metadata: { [dirty]: [{ [dirty]: dirty }] },
      }),
    );
    expect(json).not.toMatch(/\\u0000|\\ud8/);
    expect(json).toContain("ab\ufffdc");
  });

  it("writes what JSON cannot hold in the nearest form it can", () => {
    const { metadata } = wire({
      metadata: {
        when: new Date(0),
        big: 2n ** 64n,
        none: Number.NaN,
        list: [undefined, 1],
        gone: undefined,
        call: () => 1,
        __proto__: null,
      },
    });
    expect(metadata).toMatchObject({
      when: "1970-01-01T00:00:00.000Z",
      big: "18446744073709551616",
      none: null,
      list: [null, 1],
    });
    expect(metadata).not.toHaveProperty("gone");
    expect(metadata).not.toHaveProperty("call");
  });

  it("keeps a key named __proto__ as a key", () => {
    const json = wireJson(
      outbound(makeEpisode(1, { metadata: JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown> })),
    );
    expect(json).toContain('"__proto__":{"polluted":true}');
    expect({}).not.toHaveProperty("polluted");
  });

  const circular: Record<string, unknown> = { a: 1 };
  circular["self"] = circular;
  const throwing = Object.defineProperty({}, "boom", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  });
  const deep = Array.from({ length: 100 }).reduce<Record<string, unknown>>((inner) => ({ inner }), {});
  it.each([
    ["over 32 KiB", { blob: "x".repeat(33 * 1024) }],
    ["of very many small parts", Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]))],
    ["circular", circular],
    ["nested a hundred deep", deep],
    ["throwing when read", throwing],
    ["a list", [1] as never],
    ["a string", "text"],
  ])("drops metadata %s, says so and keeps the episode", (_, metadata) => {
    expect(wire({ metadata })).toMatchObject({
      metadata: { metadata_dropped: expect.any(String), idempotency_key: "key-1" },
      payload: { text: "alice opened acme/widgets#42: 1" },
    });
  });

  it("is serialised once however often it is looked at", () => {
    let reads = 0;
    const metadata = Object.defineProperty({}, "counted", {
      enumerable: true,
      get() {
        reads += 1;
        return reads;
      },
    });
    const prepared = new PreparedEpisode(outbound(makeEpisode(1, { metadata, text: "grüße" })));
    expect(prepared.bytes).toBe(Buffer.byteLength(wireJson(prepared)));
    expect(Buffer.from(wireBytes(prepared)).toString()).toBe(wireJson(prepared));
    expect(reads).toBe(1);
  });
});
