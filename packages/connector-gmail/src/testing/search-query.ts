import { type FakeMessage, type FakePart, wordsOf } from "./fake-message.ts";

/** Names of a mailbox's labels, by id. */
export type LabelNamesById = ReadonlyMap<string, string>;

type Test = (message: FakeMessage) => boolean;

/** What a search knows beside the message. */
interface Searching {
  readonly labels: LabelNamesById;
  readonly nowMs: number;
}

/** Whether a message is found by words of the search box: the operators of Gmail's help page that tests use. */
export function searchTest(query: string, searching: Searching): Test {
  const tokens = tokensOf(query);
  const [test] = anyOf(tokens, 0, searching);
  return test;
}

/** Words, phrases, operators with their value, brackets. */
function tokensOf(query: string): readonly string[] {
  return query.match(/[(){}]|-?[a-z_]+:(?:"[^"]*"|[^\s(){}]+)|-?[a-z_]+:(?=[({])|-?"[^"]*"|-(?=[({])|[^\s(){}]+/gi) ?? [];
}

/** Alternatives, until a bracket closes. */
function anyOf(tokens: readonly string[], from: number, searching: Searching): readonly [Test, number] {
  const alternatives: Test[] = [];
  let all: Test[] = [];
  let at = from;
  for (; at < tokens.length && tokens[at] !== ")"; at += 1) {
    const token = tokens[at] ?? "";
    if (token === "OR") {
      // It binds what stands on both sides of it.
      const before = all.pop();
      const [after, next] = oneOf(tokens, at + 1, searching);
      all.push((message) => before?.(message) === true || after(message));
      at = next - 1;
      continue;
    }
    const [test, next] = oneOf(tokens, at, searching);
    all.push(test);
    at = next - 1;
  }
  alternatives.push(every(all));
  all = [];
  return [(message) => alternatives.some((test) => test(message)), at];
}

function oneOf(tokens: readonly string[], at: number, searching: Searching): readonly [Test, number] {
  const token = tokens[at] ?? "";
  if (token === "-" || token === "(" || token === "{" || /^-?[a-z_]+:$/i.test(token)) {
    if (token === "(") {
      const [test, end] = anyOf(tokens, at + 1, searching);
      return [test, end + 1];
    }
    if (token === "{") {
      const tests: Test[] = [];
      let next = at + 1;
      while (next < tokens.length && tokens[next] !== "}") {
        const [test, end] = oneOf(tokens, next, searching);
        tests.push(test);
        next = end;
      }
      return [(message) => tests.some((test) => test(message)), next + 1];
    }
    if (token === "-") {
      const [test, end] = oneOf(tokens, at + 1, searching);
      return [(message) => !test(message), end];
    }
    const close = tokens.indexOf(")", at);
    const end = close === -1 ? tokens.length : close;
    const values = tokens.slice(at + 2, end);
    return [every(values.map((value) => termTest(`${token}${value}`, searching))), end + 1];
  }
  return [termTest(token, searching), at + 1];
}

function every(tests: readonly Test[]): Test {
  return (message) => tests.every((test) => test(message));
}

function termTest(token: string, searching: Searching): Test {
  if (token.startsWith("-") && token.length > 1) {
    const test = termTest(token.slice(1), searching);
    return (message) => !test(message);
  }
  const colon = token.indexOf(":");
  const operator = colon > 0 ? token.slice(0, colon).toLowerCase() : "";
  const value = unquoted(colon > 0 ? token.slice(colon + 1) : token);
  const inHeader =
    (name: string): Test =>
    (message) =>
      headerOf(message, name).toLowerCase().includes(value.toLowerCase());
  switch (operator) {
    case "from":
    case "to":
    case "cc":
    case "subject":
      return inHeader(operator);
    case "rfc822msgid":
      return (message) => headerOf(message, "message-id").replaceAll(/[<>]/g, "") === value;
    case "label":
    case "l":
      return (message) => [...message.labelIds].some((id) => slug(searching.labels.get(id) ?? id) === slug(value));
    case "in":
      return value === "anywhere" ? () => true : (message) => message.labelIds.has(systemLabel(value));
    case "is":
      return (message) => (value === "read" ? !message.labelIds.has("UNREAD") : message.labelIds.has(value.toUpperCase()));
    case "has":
      return (message) => (value === "attachment" ? hasFile(message.root) : false);
    case "filename":
      return (message) => hasFile(message.root, value.toLowerCase());
    case "after":
      return ({ internalDateMs }) => internalDateMs / 1_000 > secondsOf(value);
    case "before":
      return ({ internalDateMs }) => internalDateMs / 1_000 < secondsOf(value);
    case "newer_than":
      return ({ internalDateMs }) => internalDateMs > searching.nowMs - ageMs(value);
    case "older_than":
      return ({ internalDateMs }) => internalDateMs < searching.nowMs - ageMs(value);
    default: {
      const words = unquoted(token).toLowerCase();
      return (message) =>
        `${headerOf(message, "subject")} ${headerOf(message, "from")} ${wordsOf(message.root)}`.toLowerCase().includes(words);
    }
  }
}

function unquoted(text: string): string {
  return text.replaceAll('"', "");
}

function headerOf({ headers }: FakeMessage, name: string): string {
  return headers
    .filter(([each]) => each.toLowerCase() === name)
    .map(([, value]) => value)
    .join(" ");
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[\s/]+/g, "-");
}

function systemLabel(value: string): string {
  const name = value.toUpperCase();
  return name === "DRAFTS" ? "DRAFT" : name === "CHATS" ? "CHAT" : name;
}

function hasFile({ filename = "", parts = [] }: FakePart, ending = ""): boolean {
  return (filename !== "" && filename.toLowerCase().includes(ending)) || parts.some((part) => hasFile(part, ending));
}

/** Epoch seconds, or a date, which begins at midnight in California. */
function secondsOf(value: string): number {
  if (/^\d{9,11}$/.test(value)) return Number(value);
  return Date.parse(`${value.replaceAll("/", "-")}T08:00:00Z`) / 1_000;
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, m: 30 * 86_400_000, y: 365 * 86_400_000 };

function ageMs(value: string): number {
  return Number(value.slice(0, -1)) * (unitMs[value.slice(-1)] ?? 0);
}
