import type { JsonOutput, JsonShape } from "./json-shape.ts";

const sourceState: JsonShape = {
  keys: {
    source: ["text", "the source"],
    configured: ["boolean", "whether the file names it"],
    cursor: ["text", "as it is stored"],
    cursor_of: ["texts", "the sinks that the cursor belongs to, when the configured one is another"],
    cursor_updated_at: ["time", "when it was stored"],
    epoch: ["number", "of its latest lease"],
    finished_due: ["time", "the latest due that was finished"],
    open_due: ["time", "the due that was left unfinished"],
    resume_at: ["time", "when that one may be resumed"],
    lease: [
      { object: { keys: { owner: ["text", "the process that runs it"], lapses_at: ["time", "unless it is renewed"] } } },
      "while it runs",
    ],
    next_due: ["time", "when it is due next; absent while it is paused"],
    paused: ["boolean", "whether an operator has paused it; absent if not"],
  },
};

const change: JsonShape = {
  keys: {
    source: ["text", "the source"],
    change: ["number", "counts the changes of the source"],
    changed_at: ["time", "when it was made"],
    by: ["text", "`run`, or the command: `set`, `delete`, `reset`, `reset <stream>`, `seed`, `undo <n>`, `import`, `prune`"],
    process: [{ object: { keys: { host: ["text", ""], pid: ["number", ""] } } }, "the process that made it"],
    before: ["text", "the cursor that it replaced; absent when there was none"],
    before_length: ["number", "its length; without `before` it was too large to be kept"],
  },
};

const exported: JsonShape = {
  keys: {
    version: ["number", "of this form: 1"],
    sources: [
      {
        list: {
          keys: {
            source: ["text", "the source"],
            cursor: ["text", "as it is stored"],
            finished_due: ["time", "the latest due that was finished"],
            open_due: ["time", "the due that was left unfinished"],
            resume_at: ["time", "when that one may be resumed"],
          },
        },
      },
      "each source",
    ],
    records: [
      {
        list: {
          keys: { scope: ["text", ""], key: ["text", ""], value: ["text", ""], expires_at: ["time", "when it is forgotten"] },
        },
      },
      "what else the runner remembers",
    ],
  },
};

const backUp: JsonShape = {
  keys: {
    folder: ["text", "the folder of the back-up"],
    made_at: ["time", "when it was made"],
    files: [{ list: { keys: { name: ["text", ""], bytes: ["number", ""], sha256: ["text", ""] } } }, "each file"],
  },
};

const source = ["text", "the source"] as const;

/** Commands on cursors and on the whole state. */
export const stateOutputs: readonly JsonOutput[] = [
  { commands: ["state list"], form: "list", prints: [{ shape: sourceState }] },
  {
    commands: ["state get", "state set"],
    form: "object",
    prints: [{ shape: { keys: { source, cursor: ["text", "as it is stored"] } } }],
  },
  {
    commands: ["state delete"],
    form: "object",
    prints: [{ shape: { keys: { source, deleted: ["boolean", "whether there was a cursor"] } } }],
  },
  {
    commands: ["state delete-secrets"],
    form: "object",
    prints: [{ shape: { keys: { source, deleted: ["number", "how many values were deleted"] } } }],
  },
  {
    commands: ["state adopt"],
    form: "object",
    prints: [
      {
        shape: {
          keys: {
            sink: ["text", "the configured sink"],
            adopted: ["texts", "the sources whose cursors belong to it from now on"],
          },
        },
      },
    ],
  },
  {
    commands: ["state reset"],
    form: "object",
    prints: [
      {
        when: "Whole sources",
        shape: {
          keys: {
            sink: ["text", "where everything is sent again"],
            reset: ["texts", "the sources whose cursors were forgotten"],
            kept: ["texts", "sources with a cursor that the file does not name"],
            refused: [
              {
                list: {
                  keys: {
                    source,
                    code: ["text", "of the error"],
                    message: ["text", "why"],
                    hint: ["text", "what to do"],
                  },
                },
              },
              "with `--all`: the sources whose cursors could not be forgotten",
            ],
          },
        },
      },
      { when: "With `--stream`", shape: { keys: { source, stream: ["text", "the stream that is read from its beginning"] } } },
    ],
  },
  { commands: ["state history"], form: "lines", about: "The latest change first.", prints: [{ shape: change }] },
  {
    commands: ["state undo"],
    form: "object",
    about: "The change that was taken back.",
    prints: [
      {
        shape: {
          keys: {
            source,
            change: ["number", "its number"],
            by: ["text", "as of `state history`"],
            changed_at: ["time", "when it was made"],
          },
        },
      },
    ],
  },
  {
    commands: ["state seed"],
    form: "object",
    prints: [
      { shape: { keys: { source, since: ["text", "as it was given"], cursor: ["text", "the cursor that begins there"] } } },
    ],
  },
  {
    commands: ["state prune"],
    form: "object",
    prints: [
      {
        shape: {
          keys: {
            prunable: ["texts", "without `--yes`: the sources that would be forgotten"],
            pruned: ["texts", "with `--yes`: those that were forgotten"],
            kept: ["texts", "those that rested for less than 30 days"],
          },
        },
      },
    ],
  },
  {
    commands: ["state copy", "state import"],
    form: "object",
    prints: [{ shape: { keys: { sources: ["number", "how many were written"], records: ["number", "likewise"] } } }],
  },
  { commands: ["state export"], form: "object", prints: [{ shape: exported }] },
  { commands: ["backup", "restore"], form: "object", prints: [{ shape: backUp }] },
];
