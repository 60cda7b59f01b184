import { deliver } from "../deliver/deliver.ts";
import { bagOfWords, type HeldEpisode } from "@statewave-connectors/testing/memory-rules";
import type { ConnectorName, Corpus } from "./corpora.ts";
import { explainMiss } from "./explain.ts";
import { hold, judge, type Outcome } from "./judge.ts";

const embeddings = ["stub", "bag of words"] as const;

/** One row of the table. */
export interface Row {
  readonly connector: ConnectorName;
  readonly corpus: string;
  readonly episodes: number;
  /** What a compile made of them and did not retire. */
  readonly memories: number;
  readonly budget: number;
  readonly embeddings: (typeof embeddings)[number];
  readonly outcomes: readonly Outcome[];
  /** One text for each question that was not found in all draws, where that is wanted. */
  readonly explanations: readonly string[];
}

export interface RunOptions {
  /** The folder of the checkout whose program delivers. */
  readonly checkout: string;
  /** Tokens. */
  readonly budgets: readonly number[];
  /** Options of the entries, as they stand in TOML, by connector. */
  readonly entries?: Partial<Readonly<Record<ConnectorName, readonly string[]>>>;
  /** Whether misses are explained. Default: no. */
  readonly isExplained?: boolean;
}

// One moment for all: recency and dates must not depend on when it runs.
const compiledAtMs = Date.UTC(2026, 0, 1);

/** Delivers each corpus and puts its questions, at every budget, without and with embeddings. */
export async function runCorpora(corpora: readonly Corpus[], options: RunOptions): Promise<readonly Row[]> {
  const { checkout, entries = {} } = options;
  // All are delivered before the first is judged: judging would keep the fakes, which run in this process, from answering.
  const delivered = await Promise.all(
    corpora.map(async (corpus) => ({
      corpus,
      episodes: await deliver(corpus, { checkout, entry: entries[corpus.connector] ?? [] }),
    })),
  );
  return delivered.flatMap(({ corpus, episodes }) => judgeCorpus(corpus, episodes, options));
}

function judgeCorpus(
  { connector, name, questions }: Corpus,
  episodes: readonly HeldEpisode[],
  { budgets, isExplained = false }: RunOptions,
): readonly Row[] {
  const held = hold(episodes, compiledAtMs);
  const about = { connector, corpus: name, episodes: episodes.length, memories: held.active.length };
  return budgets.flatMap((budget) =>
    embeddings.map((provider) => {
      const nearness = provider === "stub" ? undefined : bagOfWords;
      const outcomes = judge(held, questions, { budget, nearness });
      const missed = isExplained ? outcomes.filter(({ found }) => found < 1) : [];
      const explanations = missed.map(({ question }) => explainMiss(question, held, { budget, nearness }));
      return { ...about, budget, embeddings: provider, outcomes, explanations };
    }),
  );
}
