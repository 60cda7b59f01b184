import type { JsonOutput, JsonShape } from "./json-shape.ts";
import { checked, pauseRequest, runError, storedItem } from "./shared-shapes.ts";

const entryStatus: JsonShape = {
  keys: {
    entry: ["text", "the entry"],
    condition: ["text", "`failing`, `standing`, `late`, `waiting`, `paused`, `running`, `new` or `idle`"],
    last_success_at: ["time", "when a run last read the source to its end, or a genuine webhook last arrived"],
    next_due: ["time", "when it is due next"],
    lag_ms: ["number", "since the first due that is not finished; 0 when there is none"],
    cursor_age_ms: ["number", "since the cursor was stored"],
    cursor_of: ["texts", "the sinks that the cursor belongs to, when the configured one is another"],
    standing: [
      { object: { keys: { since: ["time", "since when"], runs: ["number", "in how many runs"] } } },
      "episodes came while the cursor stayed",
    ],
    owner: ["text", "the process that runs it"],
    resume_at: ["time", "when its unfinished run may be resumed"],
    fraction: [
      "number",
      "of what is being read, how much is read, from 0 to 1; absent where the connector does not report it, and once the source was read to its end",
    ],
    remaining_ms: ["number", "how long the rest takes at the pace so far"],
    estimated_by: ["text", "`count`: by the provider's count; `time`: by the time of the last change that was read"],
    failures: ["number", "runs that failed in a row"],
    error: [{ object: runError }, "of the latest failure"],
    dead_letters: ["number", "dead letters of its source"],
    queued: ["number", "items of its source that wait in the inbox or are at work"],
    queued_more: ["boolean", "`true` where only the oldest 1,000 of the inbox were counted"],
    paused: [{ object: { keys: { requests: [{ list: pauseRequest }, "because of which it is paused: up to five"] } } }, ""],
  },
};

const process: JsonShape = {
  keys: {
    host: ["text", ""],
    pid: ["number", ""],
    version: ["text", ""],
    started_at: ["time", ""],
    seen_at: ["time", "its latest sign of life"],
    pulls: ["number", "its pull entries"],
    pushes: ["number", "its receivers"],
    holds: ["texts", "the sources that it runs"],
    sink: [
      {
        object: {
          keys: {
            label: ["text", "where it delivers"],
            status: ["text", "how it stands"],
            since: ["time", "since when"],
            reason: ["text", "why"],
          },
        },
      },
      "",
    ],
  },
};

const status: JsonShape = {
  keys: {
    at: ["time", "when it was read"],
    condition: ["text", "`well`, `attention` or `failing`"],
    entries: [{ list: entryStatus }, "the entries, the worst first"],
    inbox: [
      {
        object: {
          keys: {
            depth: ["number", "items that wait or are at work"],
            bytes: ["number", "of their bodies"],
            oldest_accepted_at: ["time", ""],
            dead_letters: ["number", ""],
          },
        },
      },
      "absent where it cannot be read",
    ],
    processes: [{ list: process }, "those with a sign of life in the last minute"],
  },
};

const run: JsonShape = {
  keys: {
    source: ["text", "the source"],
    run_id: ["text", "as in the log"],
    process: ["text", "`host:pid`"],
    due: ["time", "absent when a person, a trigger or a gap requested it"],
    started_at: ["time", "when it began"],
    duration_ms: ["number", "how long it took, or takes so far"],
    outcome: ["text", "`running`, `done`, `partial`, `failed` or `killed`"],
    reason: ["text", "of a partial one: `max_items`, `stopping`, `paused` or `reloaded`"],
    resumed: ["boolean", "whether it continues a run that was left unfinished"],
    fetched: ["number", "items that the provider returned"],
    mapped: ["number", "episodes"],
    skipped: ["number", "items that the connector left out"],
    failed: ["number", "items that could not be mapped: dead letters"],
    delivered: ["number", "episodes that the sink accepted"],
    buried: ["number", "episodes that are dead letters"],
    balanced: ["boolean", "whether fetched = mapped + skipped + failed, and mapped = delivered + buried"],
    pages: ["number", "pages that were read"],
    open_items: ["number", "items of a page that was not safe when a failed run ended: they are read again"],
    requests: ["number", "requests of the connector"],
    moved_cursor: ["boolean", "whether the stored cursor changed"],
    runs: ["number", "how many runs it stands for: more than one if they had no news"],
    since: ["time", "when the first of them began"],
    error: [{ object: runError }, "of a failed one"],
  },
};

const queued: JsonShape = {
  keys: {
    key: ["text", "for `inbox show`"],
    source: ["text", "the source"],
    type: ["text", "`event`, `trigger`, `episode` or `item`"],
    id: ["text", "the provider's id of the delivery"],
    accepted_at: ["time", "when it was accepted"],
    attempt: ["number", "retries so far"],
    claimed: ["boolean", "whether a process works on it"],
    not_before_at: ["time", "when it is tried again, as far as the inbox knows"],
    item: [{ object: storedItem }, "`show` only"],
    body_characters: ["number", "how long the body is, where only its beginning is shown"],
  },
};

const letter: JsonShape = {
  keys: {
    key: ["text", "for the other commands of `dead-letters`"],
    source: ["text", "the source"],
    type: ["text", "`event`, `episode` or `item`"],
    kind: ["text", "of an episode"],
    id: ["text", "of an event the provider's id of the delivery, else the source's id"],
    subject: ["text", "of an episode"],
    idempotency_key: ["text", "of an episode"],
    reason: ["text", "why it is a dead letter"],
    buried_at: ["time", "since when"],
    item: [{ object: storedItem }, "`show` only: what was buried"],
  },
};

const pauseChange: JsonShape = {
  keys: {
    entry: ["text", "the entry"],
    result: ["text", "`paused`, `already_paused`; `resumed`, `not_paused`, `still_paused` (paused at this moment)"],
    requests: [{ list: pauseRequest }, "because of which it is paused, or was until now: up to five"],
  },
};

const action: JsonShape = {
  keys: {
    id: ["text", "sorts by time"],
    at: ["time", "when it began"],
    ended_at: ["time", "when it ended"],
    user: ["text", "`user@host`"],
    as: ["text", "from `--as`"],
    command: ["text", "`pause`, `state reset`"],
    targets: ["texts", "the first 50 entries, sources or keys"],
    target_count: ["number", "how many there were"],
    reason: ["text", "from `--reason`"],
    outcome: ["text", "`begun`, `done` or `failed`"],
    error: [
      { object: { keys: { code: ["text", "see the [errors](errors.md)"], message: ["text", "what happened"] } } },
      "of a failed one",
    ],
    before: ["any", "the state before; of a long one the `beginning` of its JSON, and its length in `characters`"],
    after: ["any", "the state after, likewise"],
  },
};

/** Commands that look, and those that hold entries. */
export const seeingOutputs: readonly JsonOutput[] = [
  {
    commands: ["status"],
    form: "object",
    about: "With `--watch` a line whenever something has changed.",
    prints: [{ shape: status }],
  },
  { commands: ["runs"], form: "lines", about: "The latest run first.", prints: [{ shape: run }] },
  {
    commands: ["inbox list", "inbox show"],
    form: "lines",
    about: "The oldest first; `show` prints one object.",
    prints: [{ shape: queued }],
  },
  {
    commands: ["trace"],
    form: "object",
    prints: [
      {
        shape: {
          keys: {
            query: ["text", "what was looked for"],
            findings: [
              {
                list: {
                  keys: {
                    where: ["text", "`inbox`, `dead_letters` or `remembered`"],
                    ...queued.keys,
                    ...letter.keys,
                    key: ["text", "for `inbox show` or `dead-letters show`"],
                    id: ["text", "the provider's id of the delivery, or the source's id"],
                  },
                },
              },
              "with the keys of `inbox list` or `dead-letters list`, or only `source`",
            ],
            remark: ["text", "a sentence"],
          },
        },
      },
    ],
  },
  { commands: ["pause", "resume"], form: "lines", about: "One for each entry.", prints: [{ shape: pauseChange }] },
  { commands: ["audit"], form: "lines", about: "The latest action first.", prints: [{ shape: action }] },
  {
    commands: ["doctor"],
    form: "lines",
    about: "One for each part, then the sum.",
    prints: [
      { when: "Each part", shape: checked },
      { when: "The last line", shape: { keys: { failures: ["number", ""], warnings: ["number", ""] } } },
    ],
  },
  {
    commands: ["healthcheck"],
    form: "object",
    prints: [{ shape: { keys: { healthy: ["boolean", ""], reason: ["text", "why not"] } } }],
  },
  {
    commands: ["dead-letters list", "dead-letters show"],
    form: "lines",
    about: "The oldest first; `show` prints one object.",
    prints: [{ shape: letter }],
  },
];
