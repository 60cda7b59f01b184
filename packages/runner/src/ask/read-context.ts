import { parseJson, property } from "../foreign-json.ts";

/** How many of each are in a context. */
export interface ContextParts {
  readonly facts: number;
  readonly summaries: number;
  readonly procedures: number;
  /** Shown raw: the beginning of a text that is not compiled. */
  readonly episodes: number;
}

/** A context as the server renders it. */
export interface ServedContext {
  readonly text: string;
  /** As the server counts them. Undefined: it does not say. */
  readonly tokens: number | undefined;
  readonly parts: ContextParts;
}

/** The body of an answer to `POST /v1/context`; undefined when it is none. */
export function readContext(body: string): ServedContext | undefined {
  const parsed = parseJson(body);
  const text = property(parsed, "assembled_context");
  const [facts, procedures, episodes] = ["facts", "procedures", "episodes"].map((key) => listOf(property(parsed, key)));
  if (typeof text !== "string" || facts === undefined || procedures === undefined || episodes === undefined) return undefined;
  const tokens = property(parsed, "token_estimate");
  // The server lists summaries among the facts.
  const summaries = facts.filter((memory) => property(memory, "kind") === "episode_summary").length;
  return {
    text,
    tokens: typeof tokens === "number" && Number.isFinite(tokens) ? tokens : undefined,
    parts: { facts: facts.length - summaries, summaries, procedures: procedures.length, episodes: episodes.length },
  };
}

/** The names in an answer to `GET /v1/subjects`; undefined when it is none. */
export function readSubjects(body: string): readonly string[] | undefined {
  const rows = listOf(property(parseJson(body), "subjects"));
  return rows?.map((row) => property(row, "subject_id")).filter((name) => typeof name === "string");
}

/** Whether a compiled memory is in it. */
export function hasMemories({ parts: { facts, summaries, procedures } }: ServedContext): boolean {
  return facts + summaries + procedures > 0;
}

/** Whether only the question is in it. */
export function isEmpty(context: ServedContext): boolean {
  return !hasMemories(context) && context.parts.episodes === 0;
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
