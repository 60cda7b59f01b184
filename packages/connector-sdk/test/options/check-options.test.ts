import { describe, expect, test } from "vitest";
import { type AdapterContext, type CursorStore, defineCursorStore } from "../../src/store/index.ts";
import { checkOptions } from "../../src/options/index.ts";
import type { SchemaIssue } from "../../src/schema/index.ts";
import { type ConfigSchema } from "../../src/index.ts";
import { defaultInboxLimits, defineInbox, type Inbox } from "../../src/inbox/index.ts";
import { silentLogger, systemClock } from "../../src/host/index.ts";

/** A schema that finds the same fault with everything; `entries` are the keys it shows. */
function refusing(issues: readonly SchemaIssue[], entries?: Readonly<Record<string, unknown>>): ConfigSchema<never> {
  const standard = { version: 1, vendor: "test", validate: () => ({ issues }) } as const;
  return { "~standard": standard, ...(entries === undefined ? {} : { entries }) };
}

const upperCased: ConfigSchema<{ readonly name: string }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: async (value) => ({ value: { name: String((value as { readonly name: unknown }).name).toUpperCase() } }),
  },
};

describe("options that a schema refuses", () => {
  const known = { url: {}, schema: {}, retry: {} };

  test("are reported at once, with their code and the keys there are", async () => {
    const issues = [
      { message: "whatever", path: ["url"] },
      { message: "expected letters", path: [{ key: "schema" }] },
      { message: "expected a number", path: ["retry", "times"] },
      { message: "whatever", path: ["uri"] },
      { message: "url and socket exclude each other" },
    ];
    await expect(checkOptions("STORE", refusing(issues, known), { uri: "x", schema: "1" })).rejects.toMatchObject({
      code: "STORE_OPTION_INVALID",
      message:
        "The options of the cursor store cannot be used: url is required; schema: expected letters; retry.times: expected a number; " +
        "uri is not an option; url and socket exclude each other.",
      hint: "Its options are url, schema, retry.",
      retryable: false,
    });
  });

  test("of a receiver that are empty are named by the hint, and not the options that there are", async () => {
    const issues = [{ message: "must not be empty", path: ["secret"] }];
    await expect(checkOptions("PUSH", refusing(issues, { secret: {}, url: {} }), { secret: "" })).rejects.toMatchObject({
      code: "PUSH_OPTION_INVALID",
      hint: "set secret: the value is empty, as that of a variable that is not set",
    });
  });

  test("have no hint when the schema does not show its keys", async () => {
    await expect(checkOptions("INBOX", refusing([{ message: "no" }]), {})).rejects.toMatchObject({
      code: "INBOX_OPTION_INVALID",
      message: "The options of the inbox cannot be used: no.",
      hint: undefined,
    });
  });

  test("are not quoted, at any depth", async () => {
    const options = { url: "http://a:s3cret@b", retry: { token: 12345678, codes: ["s3cret"] } };
    const message = 'got "http://a:s3cret@b", 12345678 and s3cret';
    await expect(checkOptions("STORE", refusing([{ message, path: ["url"] }]), options)).rejects.toMatchObject({
      message: 'The options of the cursor store cannot be used: url: got "***", *** and ***.',
    });
  });
});

test("a message that the schema holds as a text is shown as it is, whatever the options hold", async () => {
  const message = "expected true or false";
  const schema = refusing([{ message, path: ["durable"] }], { durable: { message } });
  await expect(checkOptions("STORE", schema, { durable: "true" })).rejects.toMatchObject({
    message: expect.stringContaining(message),
  });
});

describe("an adapter that is defined", () => {
  const context: AdapterContext = { clock: systemClock, logger: silentLogger, baseDir: "/", stateDir: "/" };

  test("is opened with what its schema makes of the options, and shows the schema", async () => {
    const store = { durability: "none" } as CursorStore;
    const inbox = { durability: "none" } as Inbox;
    const seen: unknown[] = [];
    const openCursorStore = defineCursorStore({
      config: upperCased,
      livesIn: "server",
      open: async (...given) => (seen.push(given), store),
    });
    const openInbox = defineInbox({ config: upperCased, livesIn: "server", open: async (...given) => (seen.push(given), inbox) });
    expect(await openCursorStore({ name: "a" }, context)).toBe(store);
    expect(await openInbox({ name: "b" }, defaultInboxLimits, context)).toBe(inbox);
    expect(seen).toEqual([
      [{ name: "A" }, context],
      [{ name: "B" }, defaultInboxLimits, context],
    ]);
    expect([openCursorStore.config, openInbox.config]).toEqual([upperCased, upperCased]);
  });

  test("is not opened with options that are refused", async () => {
    const config = refusing([{ message: "no" }]);
    const open = () => Promise.reject(new Error("it was opened"));
    await expect(defineCursorStore({ config, livesIn: "server", open })({}, context)).rejects.toMatchObject({
      code: "STORE_OPTION_INVALID",
    });
    await expect(defineInbox({ config, livesIn: "server", open })({}, defaultInboxLimits, context)).rejects.toMatchObject({
      code: "INBOX_OPTION_INVALID",
    });
  });
});
