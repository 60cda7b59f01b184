import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConnector, type Page } from "@statewave-connectors/connector-sdk";

interface SubjectsOptions {
  /** How many subjects a round touches. */
  readonly subjects: number;
}

const episodesPerPage = 100;

/** The number of the round in a folder: what a test writes there. */
export const roundFile = "round.txt";

export const subjectOf = (index: number) => `subject:${String(index).padStart(6, "0")}`;

/** A source that has an episode of every subject in each round; its cursor is the round and how many of it are read. */
export const connector = defineConnector<SubjectsOptions>({
  kind: "subjects",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as SubjectsOptions }) } },
    open({ subjects }, { source, baseDir }) {
      return {
        async *pages(cursor): AsyncGenerator<Page, void> {
          const [last = 0, read = subjects] = cursor === undefined ? [] : cursor.split("/").map(Number);
          const round = read < subjects ? last : last + 1;
          if (round > Number(readFileSync(join(baseDir, roundFile), "utf8"))) return;
          for (let at = read < subjects ? read : 0; at < subjects; at += episodesPerPage) {
            const end = Math.min(subjects, at + episodesPerPage);
            const indexes = Array.from({ length: end - at }, (_, index) => at + index);
            yield { episodes: indexes.map((index) => episodeOf(source.name, round, index)), cursor: `${round}/${end}` };
          }
        },
      };
    },
  },
});

function episodeOf(source: string, round: number, index: number) {
  return {
    subject: subjectOf(index),
    kind: "subjects.note",
    text: `Note ${round} of ${source} about ${subjectOf(index)}.`,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "subjects.note", id: `${source}#${round}#${index}` },
    idempotency_key: `subjects:${source}:${round}:${index}`,
  };
}
