import type { JsonShape } from "./json-shape.ts";

/** Why something failed. */
export const failure: JsonShape = {
  keys: {
    code: ["text", "see the [errors](errors.md)"],
    message: ["text", "what happened"],
    hint: ["text", "what to do"],
  },
};

export const runError: JsonShape = {
  keys: {
    code: ["text", "see the [errors](errors.md)"],
    message: ["text", "what happened"],
    retry_at: ["time", "when it is tried again, where the provider says so"],
  },
};

export const pauseRequest: JsonShape = {
  name: "Pause request",
  keys: {
    user: ["text", "`user@host`"],
    as: ["text", "from `--as`"],
    at: ["time", "when it was made"],
    reason: ["text", "from `--reason`"],
  },
};

export const episode: JsonShape = {
  name: "Episode",
  keys: {
    subject: ["text", "whom or what it is about"],
    kind: ["text", "such as `github.issue.opened`"],
    text: ["text", ""],
    occurred_at: ["time", "when it happened at the source"],
    source: [
      {
        object: {
          keys: {
            type: ["text", "such as `github.issue`"],
            id: ["text", "the source's id of what the episode is about"],
            url: ["text", "where it can be seen"],
          },
        },
      },
      "its place at the provider",
    ],
    idempotency_key: ["text", "the same for the same event"],
    title: ["text", ""],
    breadcrumb: ["text", "where it stands in its source"],
    session: ["text", "the conversation that it belongs to"],
    author: [
      {
        object: {
          keys: {
            name: ["text", "as the source shows it"],
            kind: ["text", "`self`, `member`, `external`, `bot` or `anonymous`"],
            verified_by: ["text", "what vouches for name and kind"],
          },
        },
      },
      "",
    ],
    outcome: [{ object: { keys: { status: ["text", "a short word"], reason: ["text", "one sentence"] } } }, "how it ended"],
    metadata: ["any", "keys of the connector"],
    candidates: [
      { list: { keys: { kind: ["text", "`domain_fact`, `procedure` or `episode_summary`"], text: ["text", ""] } } },
      "memories that the connector words itself",
    ],
  },
};

export const failedItem: JsonShape = {
  keys: { id: ["text", "the source's id of the item"], reason: ["text", "why it could not be mapped"] },
};

export const right: JsonShape = {
  name: "Right",
  keys: {
    name: ["text", "as the provider calls it"],
    for: ["text", "what it is needed for"],
    optional: ["boolean", "whether the entry runs without it"],
  },
};

/** What the checks of a part found. */
export const checked: JsonShape = {
  name: "Check",
  keys: {
    entry: ["text", "`pull kind/name`, `push kind/name`, or a part such as `state`"],
    table: ["text", "where it stands in the file, such as `[[pull.github]]`"],
    line: ["number", "its line"],
    file: ["text", "the included file; absent: the configuration file itself"],
    results: [
      {
        list: {
          keys: {
            level: ["text", "`ok`, `warn` or `fail`"],
            ok: ["boolean", "`false` for `fail` alone"],
            message: ["text", "what was found"],
            hint: ["text", "what to do"],
            code: ["text", "see the [errors](errors.md)"],
          },
        },
      },
      "each finding",
    ],
    rights: [{ list: right }, "what the token needs"],
  },
};

/** An event, a trigger, an episode or a failed item, as the inbox stores it. */
export const storedItem: JsonShape = {
  name: "Stored item",
  keys: {
    type: ["text", "`event`, `trigger`, `episode` or `item`"],
    source: ["text", "the source"],
    received_at: ["time", "when it was received"],
    id: ["text", "the provider's id of the delivery or of the item"],
    headers: ["any", "of an event: the stored headers"],
    body: ["text", "of an event: the body, where it is UTF-8"],
    body_base64: ["text", "of an event: the body, where it is not"],
    part: ["text", "of a trigger: what its run reads first"],
    episode: [{ object: episode }, "of an episode"],
    direction: ["text", "of a failed item: `pull` or `push`"],
    raw: ["any", "of a failed item: what its connector maps, where it is kept"],
    yielded: ["any", "of a failed item: what the connector returned in the place of an episode"],
  },
};
