import type { JsonOutput, JsonShape, PrintedValue } from "./json-shape.ts";
import { checked, episode, failedItem, failure } from "./shared-shapes.ts";

const source = ["text", "the source"] as const;

/** An episode that is shown, and one that Statewave would not take. */
const shownEpisode: PrintedValue = {
  when: "Each episode",
  shape: { keys: { episode: [{ object: episode }, ""], refusal: ["text", "why Statewave would refuse it"] } },
};
const shownFailure: PrintedValue = {
  when: "Each item that could not be mapped",
  shape: { keys: { failed_item: [{ object: failedItem }, ""] } },
};

const counts = {
  episodes: ["number", "that were read"],
  delivered: ["number", "that the sink accepted"],
  buried: ["number", "that are dead letters"],
  skipped: ["number", "items that the connector left out"],
  skipped_reasons: ["counts", "how many for which reason"],
  failed: ["number", "items that could not be mapped"],
  complete: ["boolean", "whether the source was read to its end"],
} as const satisfies JsonShape["keys"];
const { skipped_reasons: _, ...countsOfOnce } = counts;

const backfill: JsonShape = {
  name: "Backfill",
  keys: {
    id: ["text", "for `backfill cancel`"],
    source,
    since: ["text", "from when"],
    until: ["text", "until when"],
    stream: ["text", "of which stream"],
    per_second: ["number", "from `--rate`"],
    expected: ["number", "from `--expect`"],
    sink: ["text", "where its episodes go"],
    status: ["text", "`open`, `stopped`, `failed`, `cancelled` or `done`"],
    running_in: [{ object: { keys: { host: ["text", ""], pid: ["number", ""] } } }, "the process that runs it"],
    started_at: ["time", "when it was begun"],
    updated_at: ["time", "when it last changed"],
    active_ms: ["number", "how long processes worked on it"],
    pages: ["number", "that were read up to its last checkpoint, in `progress` up to now"],
    episodes: ["number", "likewise"],
    delivered: ["number", "likewise"],
    buried: ["number", "likewise"],
    skipped: ["number", "likewise"],
    failed: ["number", "likewise"],
    fraction: ["number", "how much is done, from 0 to 1"],
    remaining_ms: ["number", "how long the rest takes"],
    estimated_by: ["text", "what both are derived from: `count` or `time`"],
    error: [{ object: failure }, "of the failure"],
    pause: [
      {
        object: {
          keys: {
            code: ["text", "see the [errors](errors.md)"],
            message: ["text", "what happened"],
            until: ["time", "when it continues"],
          },
        },
      },
      "in `progress`: why it waits",
    ],
  },
};

const rangeCount: JsonShape = {
  keys: {
    source,
    since: ["text", "from when"],
    until: ["text", "until when"],
    stream: ["text", "of which stream"],
    episodes: ["number", "in the range"],
    skipped: ["number", "items that the connector leaves out"],
    failed: ["number", "items that cannot be mapped"],
    pages: ["number", "that were read"],
    by_kind: ["counts", "how many episodes of which kind"],
    first_at: ["time", "of the first episode in time"],
    last_at: ["time", "of the last one"],
  },
};

const tryReport: JsonShape = {
  keys: {
    source,
    dry_run: ["boolean", "`true`"],
    requests: ["number", "of the connector"],
    streams: ["texts", "that the entry reads"],
    read: ["boolean", "whether the source was read"],
    episodes: counts.episodes,
    by_kind: ["counts", "how many episodes of which kind"],
    refused: ["number", "episodes that Statewave would refuse"],
    skipped: counts.skipped,
    skipped_reasons: counts.skipped_reasons,
    failed: counts.failed,
    complete: counts.complete,
    path: ["text", "of a receiver: where it is mounted"],
    sample: [
      {
        object: {
          keys: {
            episodes: ["number", "that the sample becomes"],
            failed: ["number", "items of it that could not be mapped"],
            skipped: ["counts", "how many were left out for which reason"],
            error: ["text", "what ended the mapping"],
          },
        },
      },
      "of a receiver, with `--sample`",
    ],
    toml: ["text", "the table for the file"],
  },
};

/** Commands that read sources, deliver, or change what was buried. */
export const workOutputs: readonly JsonOutput[] = [
  {
    commands: ["run"],
    form: "lines",
    about: "With `--once`: one for each source.",
    prints: [
      {
        shape: {
          keys: {
            source,
            outcome: ["text", "`done`, `incomplete`, `failed` or `paused`"],
            ...countsOfOnce,
            error: [
              { object: { keys: { code: ["text", "see the [errors](errors.md)"], message: ["text", "what happened"] } } },
              "in the place of the counts",
            ],
            paused: ["text", "by whom and why; in the place of the counts"],
          },
        },
      },
    ],
  },
  {
    commands: ["sync"],
    form: "lines",
    about: "With `--dry-run` the episodes, then the report.",
    prints: [
      shownEpisode,
      {
        when: "The report",
        shape: {
          keys: {
            source,
            dry_run: ["boolean", "whether nothing was delivered"],
            ...counts,
            cursor_of: ["texts", "the sinks that the cursor belongs to, when the configured one is another"],
          },
        },
      },
    ],
  },
  {
    commands: ["try"],
    form: "lines",
    about: "What the check found, what was read, and the report.",
    prints: [{ when: "The check", shape: checked }, shownEpisode, shownFailure, { when: "The report", shape: tryReport }],
  },
  {
    commands: ["backfill", "backfill list", "backfill cancel"],
    form: "lines",
    about: "`backfill` prints `begun`, then `progress` every two seconds, and last `backfill`; `cancel` only the last.",
    prints: [
      {
        when: "`backfill` and `backfill cancel`",
        shape: {
          keys: {
            begun: [{ object: { keys: { id: ["text", "for `backfill cancel`"] } } }, ""],
            progress: [{ object: backfill }, ""],
            backfill: [{ object: backfill }, "how it ended"],
            count: [{ object: rangeCount }, "with `--dry-run`: what it would deliver"],
          },
        },
      },
      { when: "`backfill list`", shape: backfill },
    ],
  },
  {
    commands: ["dead-letters edit"],
    form: "object",
    prints: [
      { shape: { keys: { key: ["text", ""], source, type: ["text", "`event` or `episode`"], requeued: ["boolean", "`true`"] } } },
    ],
  },
  {
    commands: ["dead-letters retry"],
    form: "object",
    prints: [
      {
        shape: {
          keys: {
            requeued: ["number", "how many are back in the queue"],
            delivered: ["number", "items that were mapped and delivered"],
            kept: [{ list: { keys: { key: ["text", ""], ...failure.keys } } }, "those that could not be retried"],
          },
        },
      },
    ],
  },
  {
    commands: ["dead-letters discard"],
    form: "object",
    prints: [{ shape: { keys: { discarded: ["number", "how many"] } } }],
  },
];
