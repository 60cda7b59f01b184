import { assembleContext, newestEpisodes, renderContext, superseded } from "../memory-rules/index.ts";
import type { CompileDesk } from "./compile-desk.ts";
import type { EpisodeTable, StoredEpisode } from "./episode-table.ts";
import { errorAnswer, type FakeAnswer, invalid } from "./ingest-routes.ts";
import type { ReleaseTraits } from "./release.ts";
import { validateContext } from "./validate-body.ts";

export interface ContextRouteSettings {
  readonly desk: CompileDesk;
  readonly table: EpisodeTable;
  readonly release: ReleaseTraits;
}

export interface ContextCall {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly tenantId: string | null;
  readonly requestId: string;
}

/** Of the API, this much shows what it holds. */
export function isContextPath(path: string): boolean {
  return path === "/v1/context" || path === "/v1/subjects" || path.startsWith(oneSubject);
}

const oneSubject = "/v1/subjects/";

/** The budget of a request that names none. */
const defaultTokens = 4_000;

/**
 * `POST /v1/context`, `GET /v1/subjects` and `DELETE /v1/subjects/{subject_id}`, as far as the fake keeps rows. An answer is assembled by the rules of `memory-rules`, with
 * stub embeddings, and with four characters a token instead of the server's encoding. The API shows no scores.
 */
export function answerContext(call: ContextCall, settings: ContextRouteSettings): FakeAnswer {
  const { method, url, requestId } = call;
  if (method === "POST" && url.pathname === "/v1/context") return assemble(call, settings);
  if (method === "GET" && url.pathname === "/v1/subjects") return listSubjects(call, settings);
  if (method === "DELETE" && url.pathname.startsWith(oneSubject)) return deleteSubject(call, settings);
  return errorAnswer(405, "http_error", "Method Not Allowed", requestId);
}

function assemble({ body, tenantId, requestId }: ContextCall, { desk, table, release }: ContextRouteSettings): FakeAnswer {
  const validated = validateContext(body, release);
  if (!("value" in validated)) return invalid(validated.issues, requestId);
  const { subjectId, task, maxTokens } = validated.value;
  const rows = rowsOf(table, tenantId).filter(({ subject_id: subject }) => subject === subjectId);
  const held = desk.memoriesOf(tenantId, subjectId);
  const retired = superseded(held.map(({ memory }) => memory));
  const active = held.filter(({ memory }) => !retired.has(memory));
  const context = assembleContext(
    { newest: newestEpisodes(rows), active: active.map(({ memory }) => memory) },
    { question: task, budget: maxTokens ?? defaultTokens, nearness: undefined, countTokens },
  );
  const memories = context.shown.flatMap(({ memory }) => active.find((one) => one.memory === memory)?.row ?? []);
  const shownRaw = new Set(context.shown.filter(({ memory }) => memory === undefined).map(({ episode }) => episode));
  const episodes = rows.filter((row) => shownRaw.has(row));
  const ofKind = (kind: string) => memories.filter((memory) => memory.kind === kind);
  const text = renderContext(task, context.shown);
  const [facts, procedures, summaries] = [ofKind("profile_fact"), ofKind("procedure"), ofKind("episode_summary")];
  return {
    status: 200,
    body: {
      subject_id: subjectId,
      task,
      // Summaries stand with the facts, "for backward compatibility".
      facts: [...facts, ...summaries],
      episodes: episodes.map(({ idempotency_key: _key, tenant_id: _tenant, ...row }) => row),
      procedures,
      provenance: {
        fact_ids: idsOf(facts),
        summary_ids: idsOf(summaries),
        procedure_ids: idsOf(procedures),
        episode_ids: idsOf(episodes),
      },
      assembled_context: text,
      token_estimate: countTokens(text),
      sessions: [],
      receipt_id: null,
      receipt_emitted: false,
    },
  };
}

function idsOf(items: readonly { readonly id: string }[]): readonly string[] {
  return items.map(({ id }) => id);
}

function listSubjects({ url, tenantId, requestId }: ContextCall, { desk, table }: ContextRouteSettings): FakeAnswer {
  const limit = Number(url.searchParams.get("limit") ?? 50);
  const offset = Number(url.searchParams.get("offset") ?? 0);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200 || !Number.isInteger(offset) || offset < 0) {
    const loc = ["query", "limit"];
    return invalid([{ type: "less_than_equal", loc, msg: "Input should be less than or equal to 200", input: limit }], requestId);
  }
  const counts = new Map<string, number>();
  for (const { subject_id: subject } of rowsOf(table, tenantId)) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  const page = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1)).slice(offset, offset + limit);
  const subjects = page.map(([subject, count]) => ({
    subject_id: subject,
    episode_count: count,
    memory_count: desk.memoriesOf(tenantId, subject).length,
  }));
  // The server counts the page, not all of them.
  return { status: 200, body: { subjects, total: subjects.length } };
}

function deleteSubject({ url, tenantId }: ContextCall, { desk, table }: ContextRouteSettings): FakeAnswer {
  const subject = decodeURIComponent(url.pathname.slice(oneSubject.length));
  const memories = desk.forget(tenantId, subject);
  const episodes = table.forget(tenantId, subject);
  return { status: 200, body: { subject_id: subject, episodes_deleted: episodes, memories_deleted: memories } };
}

/** Without a tenant the rows of all tenants are looked at. */
function rowsOf(table: EpisodeTable, tenantId: string | null): readonly StoredEpisode[] {
  return tenantId === null ? table.rows : table.rows.filter((row) => row.tenant_id === tenantId);
}

function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}
