import { type Outcome, scoreOf } from "./judge.ts";
import type { Row } from "./run-corpora.ts";

/** The rows as a Markdown table; with those of another checkout, theirs stand before the arrow. */
export function toTable(rows: readonly Row[], others: readonly Row[] = []): string {
  const lines = rows.map((row) => {
    const other = others.find((candidate) => cellOf(candidate) === cellOf(row));
    const from = (value: (row: Row) => number) =>
      other === undefined || value(other) === value(row) ? "" : `${value(other)} → `;
    const score = `${other === undefined ? "" : `${shownScore(other)} → `}**${shownScore(row)}** of ${row.outcomes.length}`;
    const memories = `${from((one) => one.memories)}${row.memories}`;
    return `| ${row.connector} | ${row.corpus} | ${from((one) => one.episodes)}${row.episodes} | ${memories} | ${row.budget} | ${row.embeddings} | ${score} |`;
  });
  const head = "connector corpus episodes memories tokens embeddings score".split(" ");
  return [`| ${head.join(" | ")} |`, `| ${head.map(() => "---").join(" | ")} |`, ...lines].join("\n");
}

/** By corpus, the questions that are not answered everywhere, and why: one word for each row of the table. */
export function toMisses(rows: readonly Row[]): string {
  const byCorpus = Map.groupBy(rows, (row) => `${row.connector}, ${row.corpus}`);
  return [...byCorpus].map(([name, ofCorpus]) => missesOf(name, ofCorpus)).join("\n\n");
}

/** By row, what {@link Row.explanations} say. */
export function toExplanations(rows: readonly Row[]): string {
  const explained = rows.filter(({ explanations }) => explanations.length > 0);
  return explained.map((row) => [`${cellOf(row)}:`, ...row.explanations].join("\n\n")).join("\n\n");
}

function missesOf(name: string, rows: readonly Row[]): string {
  const columns = rows.map((row) => `${row.budget} ${row.embeddings}`).join(" / ");
  const [first] = rows;
  const lines = (first?.outcomes ?? []).flatMap(({ question }, at) => {
    const outcomes = rows.map((row) => row.outcomes[at]).filter((outcome) => outcome !== undefined);
    if (outcomes.every(({ found }) => found === 1)) return [];
    return [`- ${question.ask} ${outcomes.map((outcome) => describe(outcome)).join(" / ")}`];
  });
  return [`${name} (${columns}):`, "", ...(lines.length === 0 ? ["none"] : lines)].join("\n");
}

function describe({ found, reason }: Outcome): string {
  if (found === 1) return "found";
  return found === 0 ? `**${reason ?? ""}**` : `${Math.round(found * 100)} %, else **${reason ?? ""}**`;
}

function cellOf({ connector, corpus, budget, embeddings }: Row): string {
  return [connector, corpus, budget, embeddings].join(" ");
}

function shownScore({ outcomes }: Row): number {
  return Math.round(scoreOf(outcomes) * 10) / 10;
}
