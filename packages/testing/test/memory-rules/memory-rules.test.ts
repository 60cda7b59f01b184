import { expect, test } from "vitest";
import { assembleContext, renderContext } from "../../src/memory-rules/assemble-context.ts";
import { bagOfWords } from "../../src/memory-rules/bag-of-words.ts";
import { candidateMemories, newestEpisodes } from "../../src/memory-rules/candidates.ts";
import { compileEpisodes, memoryTimeMs } from "../../src/memory-rules/compile.ts";
import { breadcrumbScore } from "../../src/memory-rules/rank.ts";
import { foldSummary, renderEpisode, renderMemory } from "../../src/memory-rules/render.ts";
import type { Memory, HeldEpisode } from "../../src/memory-rules/held-episode.ts";
import { superseded } from "../../src/memory-rules/supersede.ts";
import { wordsOf } from "../../src/memory-rules/words.ts";

/** Four characters a token, about. */
const countTokens = (text: string) => Math.ceil(text.length / 4);
const compiledAtMs = Date.UTC(2025, 5, 1);

function episode(text: string, more: Partial<HeldEpisode> = {}): HeldEpisode {
  const plain = { subject_id: "repo:a.b", source: "github.issue", type: "github.issue.opened" };
  return { ...plain, payload: { text }, occurred_at: "2025-03-01T00:00:00Z", idempotency_key: text, ...more };
}

function compiled(...episodes: readonly HeldEpisode[]): readonly Memory[] {
  return compileEpisodes(episodes, { atMs: compiledAtMs });
}

test("a summary is the first 500 characters, an emoji counted as one", () => {
  const [memory] = compiled(episode("🚲".repeat(600)));
  expect(memory).toMatchObject({ kind: "summary", text: "🚲".repeat(500) });
});

test("a summary shows its first and last line, and all of it where there are at most two", () => {
  expect(foldSummary("one\n\ntwo\nthree")).toBe("one → three");
  expect(foldSummary("one\n\ntwo\n")).toBe("one → two");
  expect(foldSummary("one")).toBe("one");
});

test("an episode without a candidate summary shows its source, its type and 150 characters", () => {
  expect(renderEpisode(episode("x".repeat(200)))).toBe(`- [github.issue/github.issue.opened] ${"x".repeat(150)}`);
});

test("a memory has the time of payload.event_time, else of its first message, else of the ingest", () => {
  const at = "2025-02-03T04:05:06Z";
  const messages = [{ role: "user", content: "hello", timestamp: at }];
  expect(memoryTimeMs(episode("a", { payload: { text: "a", event_time: at } }), 7)).toBe(Date.parse(at));
  expect(memoryTimeMs(episode("a", { payload: { messages } }), 7)).toBe(Date.parse(at));
  expect(memoryTimeMs(episode("a", { occurred_at: at }), 7)).toBe(7);
});

test("a newer summary of 80 % of the same words retires the older one, and another kind does not", () => {
  const words = "one two three four five six seven eight nine";
  const [older, newer] = compiled(episode(`${words} ten`), episode(`${words} eleven`));
  expect([...superseded([older!, newer!])]).toEqual([older]);
  expect(superseded([older!, { ...newer!, kind: "procedure" }]).size).toBe(0);
  const [other] = compiled(episode("one two three four five six seven eleven twelve thirteen"));
  expect(superseded([older!, other!]).size).toBe(0);
});

test("facts of 60 % of the same words retire each other", () => {
  const fact = (text: string): Memory => ({ ...compiled(episode(text))[0]!, kind: "fact" });
  const older = fact("the gate closes at ten");
  expect([...superseded([older, fact("the gate closes at noon")])]).toEqual([older]);
});

test("the later time is the newer one among memories of one age, whatever the order of delivery", () => {
  const of = (day: string) => episode("ok", { payload: { text: "ok", event_time: `2025-03-${day}` } });
  const memories = compiled(of("02"), of("01"));
  expect([...superseded(memories)]).toEqual([memories[1]]);
});

test("memory candidates replace the summary and keep their whole text; a malformed one loses all of them", () => {
  const text = "x".repeat(900);
  const withCandidates = (candidate: unknown) =>
    episode("body", { payload: { text: "body", statewave: { memory_candidates: [{ kind: "domain_fact", text }, candidate] } } });
  expect(compiled(withCandidates({ kind: "procedure", text: "do" }))).toMatchObject([
    { kind: "fact", text },
    { kind: "procedure", text: "do" },
  ]);
  expect(compiled(withCandidates({ kind: "rumour", text: "do" }))).toMatchObject([{ kind: "summary", text: "body" }]);
});

test("first-person statements become facts of their own", () => {
  const kinds = compiled(episode("Hello, I use the blue crane, not the other.")).map(({ kind, text }) => `${kind}: ${text}`);
  expect(kinds).toEqual(["summary: Hello, I use the blue crane, not the other.", "fact: I use the blue crane"]);
});

test("30 summaries, 50 facts and 20 procedures of the newest compile are candidates", () => {
  const one = compiled(episode("a"))[0]!;
  const many = (kind: Memory["kind"]) => Array.from({ length: 60 }, (_, at) => ({ ...one, kind, ageMs: at }));
  const found = candidateMemories([...many("summary"), ...many("fact"), ...many("procedure")], "q", undefined);
  const count = (kind: Memory["kind"]) => found.filter(({ memory }) => memory.kind === kind).length;
  expect([count("summary"), count("fact"), count("procedure")]).toEqual([30, 50, 20]);
  expect(Math.min(...found.filter(({ memory }) => memory.kind === "summary").map(({ memory }) => memory.ageMs))).toBe(30);
});

test("embeddings add the 100 nearest memories, whatever their age", () => {
  const noise = Array.from({ length: 200 }, (_, at) => episode(`noise ${at}`));
  const memories = compiled(...noise, episode("the gate is closed"));
  const asked = "which gate is closed";
  expect(candidateMemories(memories, asked, undefined)).toHaveLength(30);
  const near = candidateMemories(memories, asked, bagOfWords);
  expect(near.length).toBeGreaterThanOrEqual(100);
  expect(near.map(({ memory }) => memory.text)).toContain("the gate is closed");
});

test("the newest 30 episodes by occurred_at are candidates", () => {
  const days = Array.from({ length: 40 }, (_, at) => episode(`${at}`, { occurred_at: new Date(at * 86_400_000).toISOString() }));
  expect(new Set(newestEpisodes(days))).toEqual(new Set(days.slice(10)));
});

test("a title or breadcrumb that shares the question's words gives up to 3 points", () => {
  const asked = wordsOf("How do I rotate the keys?");
  const of = (payload: HeldEpisode["payload"]) => breadcrumbScore(episode("a", { payload: { text: "a", ...payload } }), asked);
  expect(of({ title: "Rotate keys" })).toBe(3);
  expect(of({ breadcrumb: "Partners › Keys", title: "Rotate keys" })).toBe(1.5);
  expect(of({ title: "Colours" })).toBe(0);
  expect(of({})).toBe(0);
});

test("a context ends at its budget, and a shorter line still fits where a longer one did not", () => {
  const long = `gate ${"and so on ".repeat(45)}`;
  const memories = compiled(episode(long), episode("the gate is closed"));
  const request = { question: "gate?", budget: 60, nearness: undefined, countTokens };
  const { lines, leftOut, tokens } = assembleContext({ newest: [], active: memories }, request);
  expect(lines).toEqual(["- [2025-06-01] the gate is closed"]);
  expect(leftOut).toHaveLength(1);
  expect(tokens).toBeLessThanOrEqual(50);
});

test("an episode that its summary or its memory candidates stand for is not shown raw", () => {
  const structured = { payload: { text: "raw", statewave: { memory_candidates: [{ kind: "domain_fact", text: "fact" }] } } };
  const episodes = [episode("summary"), episode("raw", structured), episode("only raw")];
  const active = compiled(...episodes).filter(({ text }) => text !== "only raw");
  const { lines } = assembleContext(
    { newest: episodes, active },
    { question: "q", budget: 500, nearness: undefined, countTokens },
  );
  expect(lines).toEqual(["- [2025-06-01] fact", "- [2025-06-01] summary", "- [github.issue/github.issue.opened] only raw"]);
});

test("a memory's line begins with the day of its time", () => {
  const [memory] = compiled(episode("a", { payload: { text: "a", event_time: "2025-03-04T10:00:00Z" } }));
  expect(renderMemory(memory!)).toBe("- [2025-03-04] a");
});

test("a context has a section for each kind of memory that it shows, in the order of a briefing", () => {
  const fact = { ...compiled(episode("gate facts"))[0]!, kind: "fact" as const };
  const episodes = [episode("raw gate")];
  const active = [...compiled(episode("gate history")), fact];
  const request = { question: "which gate?", budget: 500, nearness: undefined, countTokens };
  const { shown } = assembleContext({ newest: episodes, active }, request);
  expect(renderContext("which gate?", shown)).toBe(
    [
      "## Task\nwhich gate?\n",
      "## About this user\n- [2025-06-01] gate facts\n",
      "## Recent history\n- [2025-06-01] gate history\n",
      "## Recent interactions\n- [github.issue/github.issue.opened] raw gate\n",
    ].join("\n"),
  );
});
