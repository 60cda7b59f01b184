import type { ErrorText } from "./collect-error-texts.ts";

/** A promise that the program will do something: an error does not know its caller, so only the loop that retries logs when. */
const promises =
  /\b(tried again|by itself|by themselves|automatic(ally)?|will (be )?(retry|retried|try|tried|reconnect|resume)|(is|are|gets?) retried|tries again|keeps (on )?trying|goes on|go on by|read again|comes? again|continues|opened again every|reconnects|resumes?)\b/i;

/** What a hint begins with: what the reader should do. A new verb belongs here. */
const imperatives = new Set(
  (
    "add address allow ask await bundle call change check choose close correct create declare delete discard divide do encode end export fix forget free give grant install invite label " +
    "leave let list listen look lower make mount name narrow npm omit open pass point post put raise read remove rename repeat replace report reset restart " +
    "restore retry run save send separate set shorten split start stop subscribe switch synchronise take try type unsuspend update use wait write"
  ).split(" "),
);

/** Names that stay capital at the start of a sentence without one. */
const properNoun = /^(GitHub|GraphQL|Slack|Postgres|Redis|Statewave|SQLite|Node|PgBouncer|TOML)\b/;

/** What is wrong with the form of a text; undefined when it is right. Messages report, hints say what to do. */
export function faultOf({ role, text }: Pick<ErrorText, "role" | "text">): string | undefined {
  // A text that is only filled in shows nothing here.
  if (/^…?$/.test(text)) return undefined;
  if (text.endsWith(".") && !text.endsWith("..")) return "ends with a full stop";
  if (/[.?!] [A-Z]/.test(text)) return "is more than one sentence";
  if (/^[A-Z]/.test(text) && !properNoun.test(text)) return "begins with a capital";
  return role === "hint" ? faultOfHint(text) : undefined;
}

function faultOfHint(text: string): string | undefined {
  const promise = promises.exec(text);
  if (promise !== null) return `promises "${promise[0]}"`;
  if (/^(did you mean |served here: |mounted: |…)/.test(text)) return undefined;
  const first = /^[a-z]+/.exec(text)?.[0] ?? "";
  return imperatives.has(first) ? undefined : `begins with "${text.split(" ", 1)[0]}" and not with what to do`;
}
