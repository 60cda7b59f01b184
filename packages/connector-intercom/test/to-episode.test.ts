import { describe, expect, test } from "vitest";
import { mapConversations } from "../src/episodes/map-conversations.ts";
import { adminOf, FakeWorkspace, type Json, whole } from "../src/testing/index.ts";
import { linesOf } from "./open-fake.ts";

const options = { app_id: "abc12de3", region: "us", subject_by: "requester", internal_notes: true } as const;
const workspace = new FakeWorkspace({ nowMs: () => Date.UTC(2026, 0, 1) });
const joe = { type: "user", id: "6762f157", name: "Joe Bloggs", email: "joe@globex.example" };

/** The episodes of a conversation of Joe's. */
function mapped(source: Json, parts: readonly Json[] = [], fields: Json = {}) {
  const { id } = workspace.start(fields, { author: joe, ...source });
  for (const part of parts) workspace.reply(id, part);
  const raw = workspace.conversation(id);
  return mapConversations(raw === undefined ? [] : [whole(raw)], options);
}

describe("a text", () => {
  test("says who did what, the words, and what the conversation is about", () => {
    const { episodes } = mapped({ subject: "Nightly import", body: "<p>It failed <b>again</b>.</p>", type: "email" }, [
      { body: "<p>Which file?</p>", author: { ...adminOf(1), name: "Ann" } },
      { part_type: "note", body: "<p>third time</p>", author: { ...adminOf(1), name: "Ann" } },
      { part_type: "close", body: "<p>Mended.</p>", author: { ...adminOf(1), name: "Ann" } },
      { part_type: "open", body: "<p>No</p>", author: joe },
    ]);
    expect(linesOf(episodes)).toEqual([
      "conversation.created: Joe Bloggs wrote to support by email: Nightly import It failed again.",
      "conversation.replied: Ann replied: Which file? (re: Nightly import)",
      "conversation.note_added: Ann noted internally: third time (re: Nightly import)",
      "conversation.replied: Ann replied: Mended. (re: Nightly import)",
      "conversation.closed: Ann closed the conversation: Nightly import",
      "conversation.replied: Joe Bloggs replied: No (re: Nightly import)",
      "conversation.reopened: Joe Bloggs reopened the conversation: Nightly import",
    ]);
  });

  test("does not repeat the subject where the body begins with it", () => {
    const { episodes } = mapped({ subject: "Nightly import", body: "Nightly import fails" });
    expect(episodes[0]?.text).toBe("Joe Bloggs wrote to support: Nightly import fails");
  });

  test("lists attachments by name, and has the words within the first 60 characters however long a name is", () => {
    const { episodes } = mapped({ body: "", attachments: [{ name: "log.txt" }], author: { ...joe, name: "J".repeat(300) } });
    expect(episodes[0]?.text.indexOf("Attached: log.txt")).toBeLessThanOrEqual(60);
  });

  test("takes plain text of a webhook as it is, and reads HTML", () => {
    const [plain, html] = ["if a < b and b > c\nthen <stop>", "<p>if a &lt; b</p>"].map(
      (body) => mapped({ body }).episodes[0]?.text,
    );
    expect(plain).toContain("if a < b and b > c then <stop>");
    expect(html).toBe("Joe Bloggs wrote to support: if a < b");
  });

  test("reports a message that is only an image or a file without a name", () => {
    const parts = [
      { body: '<div class="intercom-container"><img src="https://downloads.example/i/o/1/shot.png"></div>', author: joe },
      { body: null, attachments: [{ type: "upload", name: null, url: "https://downloads.example/i/o/2" }], author: joe },
    ];
    expect(linesOf(mapped({ body: "<p>Hello</p>" }, parts).episodes).slice(1)).toEqual([
      "conversation.replied: Joe Bloggs replied: Attached: an image (re: Hello)",
      "conversation.replied: Joe Bloggs replied: Attached: a file (re: Hello)",
    ]);
  });

  test("keeps the first word of plain text that looks like an element", () => {
    const { episodes } = mapped({ body: "<name> cannot log in" });
    expect(episodes[0]?.text).toBe("Joe Bloggs wrote to support: <name> cannot log in");
  });

  test("reads HTML that begins with blanks, a comment or a declaration", () => {
    const bodies = [" ".repeat(50), "<!-- mail -->", "<!DOCTYPE html>"].map((before) => `${before}<p>a &lt; b</p>`);
    const texts = bodies.map((body) => mapped({ body }).episodes[0]?.text);
    expect(new Set(texts)).toEqual(new Set(["Joe Bloggs wrote to support: a < b"]));
  });

  test("names people without a name by what they are, and shows no id", () => {
    const authors = [{ type: "lead" }, { type: "admin", id: "7" }, { type: "bot" }, null, { type: "team", name: "Tier 2" }];
    const { episodes } = mapped(
      { body: "<p>Hello</p>" },
      authors.map((author) => ({ body: "<p>x</p>", author })),
    );
    const names = linesOf(episodes)
      .slice(1)
      .map((text) => /: (.*) replied/.exec(text)?.[1]);
    expect(names).toEqual(["A customer", "A teammate", "A bot", "Someone", "Tier 2"]);
    expect(episodes.slice(1).map(({ author }) => author?.kind)).toEqual(["external", "member", "bot", "anonymous", "member"]);
  });
});

test("an answer of the AI agent or of the operator is a bot's, whatever its author is called", () => {
  const authors = [
    { ...adminOf(1), from_ai_agent: true },
    { type: "operator", id: "278", name: "Operator" },
  ];
  const { episodes } = mapped(
    {},
    authors.map((author) => ({ body: "<p>x</p>", author })),
  );
  expect(episodes.slice(1).map(({ author }) => author?.kind)).toEqual(["bot", "bot"]);
});

test("ratings of support and of the AI agent differ, and a remark that is added later is another episode", () => {
  const rated = (remark: string | null) =>
    mapped({ body: "<p>Hello</p>" }, [], {
      conversation_rating: { rating: 4, remark, created_at: 1_767_225_600, updated_at: 1_767_225_660 },
      ai_agent: { rating: 2, rating_remark: "", updated_at: 1_767_225_601 },
    }).episodes.filter(({ kind }) => kind.endsWith(".rated"));
  expect(linesOf(rated("quick"))).toEqual([
    "conversation.rated: Joe Bloggs rated support 4 of 5: quick (re: Hello)",
    "conversation.rated: Joe Bloggs rated the AI agent 2 of 5: Hello",
  ]);
  const keys = [...rated(null), ...rated("quick")].map(({ idempotency_key: key }) => key);
  expect(new Set(keys).size).toBe(4);
});

test.each(["note", "note_and_reopen", "note_and_snooze"])("the words of a part of the type %s are a note's", (part_type) => {
  const { id } = workspace.start({}, { author: joe });
  workspace.note(id, { part_type, body: "<p>owes us money</p>" });
  const raw = whole(workspace.conversation(id) ?? { id: "", updated_at: 0, parts: [] });
  const kindsOf = (internal_notes: boolean) =>
    mapConversations([raw], { ...options, internal_notes })
      .episodes.filter(({ text }) => text.includes("money"))
      .map(({ kind }) => kind);
  expect([kindsOf(false), kindsOf(true)]).toEqual([[], ["intercom.conversation.note_added"]]);
});

test("a rating that was requested and not given makes no episode", () => {
  const { episodes } = mapped({}, [], { conversation_rating: { rating: null, remark: null, created_at: 1_767_225_600 } });
  expect(episodes.map(({ kind }) => kind)).toEqual(["intercom.conversation.created"]);
});

test("several closings of one conversation have keys of their own, by their times", () => {
  const { episodes } = mapped({}, [
    { part_type: "close", body: null, created_at: 1_767_225_600 },
    { part_type: "open", body: null, created_at: 1_767_225_700 },
    { part_type: "close", body: null, created_at: 1_767_225_800 },
  ]);
  expect(new Set(episodes.map(({ idempotency_key: key }) => key)).size).toBe(4);
});

test("a closing without a part has the time of the statistics, and one with a part is reported once", () => {
  const closed = { state: "closed", statistics: { last_close_at: 1_767_225_800 } };
  const times = (parts: readonly Json[]) =>
    mapped({}, parts, closed)
      .episodes.filter(({ kind }) => kind.endsWith(".closed"))
      .map(({ occurred_at: at }) => at);
  expect(times([])).toEqual(["2026-01-01T00:03:20Z"]);
  // The two times of one closing differ by a second in recorded notifications.
  expect(times([{ part_type: "close", body: null, created_at: 1_767_225_799 }])).toEqual(["2026-01-01T00:03:19Z"]);
});

test("what changes only an assignment or an attribute is counted, and so are notes that are not wanted", () => {
  const { id } = workspace.start({}, { author: joe });
  workspace.assign(id);
  workspace.reply(id, { part_type: "conversation_attribute_updated_by_admin", body: null });
  workspace.note(id);
  const raw = workspace.conversation(id);
  const page = mapConversations(raw === undefined ? [] : [whole(raw)], { ...options, internal_notes: false });
  expect(page.skipped).toEqual({ no_content: 2, internal_note: 1 });
  expect(page.episodes).toHaveLength(1);
});

describe("a subject", () => {
  const subjectOf = (fields: Json, by: "requester" | "organization" | "conversation", source: Json = {}) => {
    const { id } = workspace.start(fields, { author: joe, ...source });
    const raw = workspace.conversation(id);
    return mapConversations(raw === undefined ? [] : [whole(raw)], { ...options, subject_by: by }).episodes[0]?.subject.replace(
      id,
      "<id>",
    );
  };
  const contacts = {
    contacts: {
      type: "contact.list",
      contacts: [
        { type: "contact", id: "c1" },
        { type: "contact", id: "c2" },
      ],
    },
  };

  test("is the contact who wrote first, otherwise the first of the list, otherwise the conversation", () => {
    expect(subjectOf(contacts, "requester")).toBe("customer:intercom.abc12de3.6762f157");
    expect(subjectOf(contacts, "requester", { author: adminOf(1) })).toBe("customer:intercom.abc12de3.c1");
    expect(subjectOf({ contacts: [{ type: "user", id: "c9" }] }, "requester", { author: null })).toBe(
      "customer:intercom.abc12de3.c9",
    );
    expect(subjectOf({ contacts: null }, "requester", { author: adminOf(1) })).toBe("conversation:intercom.abc12de3.<id>");
  });

  test("is the company or the conversation where that is wanted", () => {
    expect(subjectOf({ company: { id: "f1", name: "Globex" } }, "organization")).toBe("organization:intercom.abc12de3.f1");
    expect(subjectOf({ company: null }, "organization")).toBe("customer:intercom.abc12de3.6762f157");
    expect(subjectOf({}, "conversation")).toBe("conversation:intercom.abc12de3.<id>");
  });
});

test("an author and a company whose ids are blank cost nothing but their ids", () => {
  const twitter = { type: "user", id: "", name: "", email: "" };
  const { episodes, failures } = mapped({}, [{ body: "<p>x</p>", author: twitter }], { company: { id: "", name: "" } });
  expect(failures).toBeUndefined();
  expect(linesOf(episodes).at(-1)).toBe("conversation.replied: A customer replied: x (re: Hello)");
});

test("a time as text makes the key of the same time in seconds", () => {
  const { id } = workspace.start({}, { author: joe });
  workspace.close(id);
  const raw = JSON.stringify(whole(workspace.conversation(id) ?? { id, updated_at: 0, parts: [] }));
  const mappedAt = (at: unknown) => {
    const conversation: unknown = JSON.parse(raw.replaceAll(/"created_at":\d{1,20}/g, `"created_at":${JSON.stringify(at)}`));
    return mapConversations([conversation], options);
  };
  expect(mappedAt("2026-01-01T01:00:00.820+01:00")).toEqual(mappedAt(1_767_225_600));
  expect(mappedAt("1767225600")).toEqual(mappedAt(1_767_225_600));
  expect(mappedAt(1_767_225_600).episodes).toHaveLength(2);
});

test("a broken part is a failed item by itself, and mapping it again takes no other part", () => {
  const page = mapped({ body: "<p>Hello</p>" }, [{ body: "<p>one</p>" }, { id: "77", body: 7 }, { body: "<p>three</p>" }]);
  expect(linesOf(page.episodes).slice(1)).toEqual([
    expect.stringContaining("one") as string,
    expect.stringContaining("three") as string,
  ]);
  expect(page.failures).toMatchObject([{ id: expect.stringMatching(/^\d+\/77$/) as string, raw: { part: { id: "77" } } }]);
});

test.each([
  ["a note that cannot be mapped", {}, { created_at: "yesterday" }],
  ["a conversation that cannot be mapped", { created_at: "yesterday" }, {}],
])("%s is kept without the words of a note, unless notes are wanted", (_, fields, part) => {
  const { id } = workspace.start({}, { author: joe });
  workspace.note(id, { body: "<p>owes us money</p>", ...part });
  const raw = { ...whole(workspace.conversation(id) ?? { id: "", updated_at: 0, parts: [] }), ...fields };
  const failuresOf = (keepsNotes: boolean) => mapConversations([raw], { ...options, internal_notes: keepsNotes }).failures ?? [];
  expect(failuresOf(false)).toHaveLength(1);
  expect(JSON.stringify(failuresOf(false))).not.toContain("owes us money");
  expect(JSON.stringify(failuresOf(true))).toContain("owes us money");
});

test("broken parts without ids are failed items of their own", () => {
  const page = mapped({}, [
    { id: null, body: 7 },
    { id: null, body: 8 },
  ]);
  expect(page.failures?.map(({ id }) => id)).toEqual(["", ""]);
});

test.each([
  ["no list of parts", { conversation_parts: "none" }],
  ["parts that are no list", { conversation_parts: { conversation_parts: {} } }],
  ["a time that is none", { created_at: "yesterday" }],
  ["no source", { source: null }],
  ["an id of another type", { id: { odd: true } }],
])("a conversation with %s is a failed item with its raw form", (_, fields) => {
  const conversation = {
    ...whole(workspace.conversation(workspace.start().id) ?? { id: "", updated_at: 0, parts: [] }),
    ...fields,
  };
  const page = mapConversations([conversation], options);
  expect(page.episodes).toEqual([]);
  expect(page.failures).toMatchObject([{ error: { code: "INTERCOM_ITEM_UNMAPPABLE" }, raw: { conversation } }]);
});
