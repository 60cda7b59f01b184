import type { JsonOutput, JsonShape } from "./json-shape.ts";
import { failure } from "./shared-shapes.ts";

const chaos: JsonShape = {
  keys: {
    passed: ["boolean", "whether every promise held"],
    seed: ["number", "repeats the disturbances"],
    place: ["text", "where the trial ran"],
    processes: ["number", "how many runners shared it"],
    duration_ms: ["number", "of the whole trial"],
    disturbances: [{ object: numbers("kills", "pauses", "wrong_clocks", "store_outages", "sink_outages", "sink_faults") }, ""],
    counts: [
      {
        object: numbers(
          "webhooks_sent",
          "webhooks_acknowledged",
          "pages_read",
          "stored",
          "dead_letters",
          "leases",
          "dues_finished",
          "resumed",
          "checkpoints",
          "checkpoints_refused",
        ),
      },
      "",
    ],
    violations: [{ list: { keys: { promise: ["text", "what did not hold"], found: ["text", "what was seen"] } } }, ""],
    not_tested: ["texts", "what this trial could not show"],
    kept_in: ["text", "the folder with logs and journal; absent when they were removed"],
  },
};

function numbers(...names: readonly string[]): JsonShape {
  return { keys: Object.fromEntries(names.map((name) => [name, ["number", ""] as const])) };
}

/** Commands that concern the runner, its state or Statewave as a whole. */
export const wholeRunnerOutputs: readonly JsonOutput[] = [
  {
    commands: ["reload"],
    form: "lines",
    about: "One for each change, then the number of entries that stay as they are.",
    prints: [
      {
        when: "Each change",
        shape: {
          keys: {
            subject: ["text", "an entry, or a setting such as `[statewave] api_key`"],
            result: ["text", "`added`, `changed`, `removed`, `failed` (it stays as it was) or `restart`"],
            pending: ["boolean", "whether a run has to read its page first"],
            because: ["text", "of `restart`: what the entry depends on"],
            error: [{ object: failure }, "of `failed`"],
          },
        },
      },
      { when: "The last line", shape: { keys: { unchanged: ["number", "entries"] } } },
    ],
  },
  {
    commands: ["erase"],
    form: "object",
    prints: [
      {
        shape: {
          keys: {
            subject: ["text", "as Statewave knows it"],
            erased: [
              {
                object: {
                  keys: {
                    waiting: ["number", "items of the inbox"],
                    dead_letters: ["number", ""],
                    records: ["counts", "by the first part of their scope"],
                  },
                },
              },
              "",
            ],
            in_statewave: [
              "any",
              "`stored`, `nothing` or `unknown`; with `--in-statewave` `deleted`, with the numbers `episodes` and `memories`",
            ],
            left: [
              {
                object: {
                  keys: {
                    in_delivery: ["number", "items that a process is delivering"],
                    undecided: ["number", "items that mention it and cannot be mapped"],
                    undecided_items: ["texts", "the first 50 of them"],
                    cursors: ["texts", "that mention it"],
                    records: ["texts", "that mention it"],
                    entries: ["texts", "that deliver under it again"],
                  },
                },
              },
              "what is left of it",
            ],
          },
        },
      },
    ],
  },
  {
    commands: ["ask"],
    form: "object",
    prints: [
      {
        shape: {
          keys: {
            subject: ["text", "as it was sent"],
            question: ["text", "as it was given"],
            finding: [
              "text",
              "`answered`: a memory is in the context; `not_compiled`, `budget_too_small` or `nothing_stored`: why none is",
            ],
            context: ["text", "as the server renders it"],
            parts: [{ object: numbers("facts", "summaries", "procedures", "episodes") }, "how many are in it"],
            tokens: ["number", "as the server counts them"],
            budget_tokens: ["number", "how many it could have had"],
            stored_subjects: [
              "texts",
              "with `nothing_stored`: the subjects that the server has, up to 200; absent when it lists none",
            ],
          },
        },
      },
    ],
  },
  { commands: ["chaos"], form: "object", prints: [{ shape: chaos }] },
];
