import type { JsonOutput, JsonShape } from "./json-shape.ts";
import { checked, episode, failedItem, failure, right } from "./shared-shapes.ts";

const direction: JsonShape = {
  keys: {
    rights: [{ list: right }, "what the token needs"],
    options: [
      {
        list: {
          keys: {
            key: ["text", "in the file"],
            type: ["text", "what it may be"],
            required: ["boolean", ""],
            secret: ["boolean", ""],
            default: ["text", ""],
            description: ["text", ""],
          },
        },
      },
      "of its entries",
    ],
  },
};

const plan: JsonShape = {
  keys: {
    from: ["text", "the earlier file"],
    to: ["text", "the new file"],
    written: ["boolean", "whether it was written"],
    sources: [
      {
        list: {
          keys: {
            source: ["text", "the source"],
            direction: ["text", "`pull` or `push`"],
            outcome: ["text", "`converted`, `started anew` or `not possible`"],
            reason: ["text", "why it is not possible"],
            options: [
              {
                list: {
                  keys: {
                    option: ["text", "in the earlier file"],
                    to: ["text", "its name here, where it has another one"],
                    fate: ["text", "`kept`, `left out` or `added`"],
                    had_effect: ["boolean", "whether the earlier runner did something with it"],
                  },
                },
              },
              "those that are not simply kept",
            ],
            since: ["text", "where it begins"],
            read_again: [
              { object: { keys: { since: ["text", "from when"], until: ["text", "until when"] } } },
              "the range that is read again beside it",
            ],
            commands: ["texts", "that set where it begins"],
          },
        },
      },
      "each entry",
    ],
    ignored: ["texts", "what the earlier runner ignored, and is left out"],
    orphans: ["texts", "sources with a cursor that the file does not name"],
    variables: [{ list: { keys: { name: ["text", ""], about: ["text", "what it holds"] } } }, "to set in the environment"],
    unset: ["texts", "variables without a value here, so that the plan is not complete"],
    problems: ["texts", "what to fix before the first start"],
  },
};

/** Commands of the first evening. */
export const setupOutputs: readonly JsonOutput[] = [
  {
    commands: ["connectors"],
    form: "lines",
    about: "One for each connector.",
    prints: [
      {
        shape: {
          keys: {
            kind: ["text", "in the file"],
            version: ["text", "of its package"],
            package: ["text", "from `[connectors]`"],
            capabilities: ["texts", "such as `pull.range`"],
            complete: ["boolean", "`false`: more may be possible, which shows when an entry is configured"],
            pull: [{ object: direction }, "if it can be read"],
            push: [{ object: direction }, "if it sends webhooks"],
            error: [{ object: failure }, "why it cannot be loaded"],
          },
        },
      },
    ],
  },
  {
    commands: ["init"],
    form: "lines",
    about: "With `--check` what was found of each entry, then the files.",
    prints: [
      { when: "Each entry", shape: checked },
      {
        when: "The last line",
        shape: { keys: { written: ["texts", "the files"], variables: ["texts", "that the file names"] } },
      },
    ],
  },
  {
    commands: ["validate-config"],
    form: "other",
    about:
      "The configuration as it was understood: the tables of the [reference](config.md), with durations in `…_ms`, sizes in `…_bytes`, and secrets as `***`.",
    prints: [],
  },
  {
    commands: ["schema"],
    form: "other",
    about: "A [JSON Schema](https://json-schema.org) of the file.",
    prints: [],
  },
  {
    commands: ["listen"],
    form: "object",
    prints: [
      {
        shape: {
          keys: {
            kind: ["text", "of the receiver"],
            url: ["text", "where it listens"],
            path: ["text", "the path of that"],
          },
        },
      },
    ],
  },
  {
    commands: ["simulate"],
    form: "lines",
    about: "One for each sample.",
    prints: [
      {
        shape: {
          keys: {
            source: ["text", "the receiver's source"],
            sample: ["text", "its name"],
            id: ["text", "under which it was sent"],
            ok: ["boolean", "whether it was accepted"],
            message: ["text", "what was answered"],
            hint: ["text", "what to do"],
            episodes: [
              { list: { keys: { episode: [{ object: episode }, ""], refusal: ["text", "why Statewave would refuse it"] } } },
              "that it becomes",
            ],
            failures: [{ list: failedItem }, "what could not be mapped"],
            skipped: ["counts", "how many items were left out for which reason"],
            error: ["text", "what ended the mapping"],
          },
        },
      },
    ],
  },
  {
    commands: ["new-connector"],
    form: "object",
    prints: [
      {
        shape: { keys: { kind: ["text", ""], folder: ["text", "where the package is"], files: ["texts", "that were written"] } },
      },
    ],
  },
  {
    commands: ["migrate"],
    form: "lines",
    about: "The plan; with `--yes` then a line for each change.",
    prints: [
      { when: "The plan", shape: plan },
      { when: "Each change", shape: { keys: { source: ["text", "the source"], did: ["text", "a sentence"] } } },
    ],
  },
];
