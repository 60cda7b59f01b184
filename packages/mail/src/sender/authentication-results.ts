/** One result of a check by the receiving server (RFC 8601). */
export interface AuthenticationResult {
  /** Lower case, such as `dkim`. */
  readonly method: string;
  /** Lower case, such as `pass`. */
  readonly result: string;
  /** Lower case names, such as `header.d`, with their values. */
  readonly properties: ReadonlyMap<string, string>;
}

/** The value of one `Authentication-Results`. */
export interface AuthenticationResults {
  /** Of the server that checked, lower case. */
  readonly authservId: string;
  readonly results: readonly AuthenticationResult[];
}

const maxLength = 16 * 1024;
const maxResults = 100;

/**
 * Reads the header. Undefined when it does not keep its form, or is too long: an unbalanced quotation or comment may hide a forged result, and
 * a failure may stand behind very many results.
 */
export function parseAuthenticationResults(raw: string): AuthenticationResults | undefined {
  const tokens = raw.length > maxLength ? undefined : tokenize(raw);
  if (tokens === undefined) return undefined;
  const [head = [], ...statements] = splitStatements(tokens);
  const [id, version] = head;
  // The version is a number behind the id, and 1 is the only one.
  const isVersionKnown = version === undefined || (head.length === 2 && version.text === "1");
  if (id === undefined || id.text === "" || isSign(id) || !isVersionKnown || statements.length > maxResults) return undefined;
  const results: AuthenticationResult[] = [];
  for (const statement of statements) {
    const result = readStatement(statement);
    if (result !== undefined) results.push(result);
  }
  return { authservId: lowerAscii(id.text), results };
}

/** Letters of ASCII alone: in lower case, the Kelvin sign is a `k`, and a name that holds it is another one. */
export function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A word, a quoted string, or one of `;` and `=`. */
interface Token {
  readonly text: string;
  readonly isQuoted: boolean;
  /** Whether no white space is in front of it. */
  readonly isJoined: boolean;
  /** Whether a comment follows, without white space in between. */
  hasComment: boolean;
}

function isSign({ text, isQuoted }: Token): boolean {
  return !isQuoted && (text === ";" || text === "=");
}

function tokenize(raw: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let isJoined = false;
  let at = 0;
  const add = (text: string, isQuoted: boolean) => {
    tokens.push({ text, isQuoted, isJoined, hasComment: false });
    isJoined = true;
  };
  while (at < raw.length) {
    const character = raw.charAt(at);
    if (/\s/.test(character)) {
      isJoined = false;
      at += 1;
    } else if (character === "(") {
      const end = commentEnd(raw, at);
      if (end === undefined) return undefined;
      const last = tokens.at(-1);
      if (isJoined && last !== undefined) last.hasComment = true;
      at = end;
    } else if (character === '"') {
      const quoted = readQuoted(raw, at);
      if (quoted === undefined) return undefined;
      add(quoted.text, true);
      at = quoted.end;
    } else {
      const end = character === ";" || character === "=" ? at + 1 : wordEnd(raw, at + 1);
      add(raw.slice(at, end), false);
      at = end;
    }
  }
  return tokens;
}

function wordEnd(raw: string, from: number): number {
  let end = from;
  while (end < raw.length && !/[\s();="]/.test(raw.charAt(end))) end += 1;
  return end;
}

function commentEnd(raw: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < raw.length; at += 1) {
    const character = raw.charAt(at);
    if (character === "\\") at += 1;
    else if (character === "(") depth += 1;
    else if (character === ")") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function readQuoted(raw: string, from: number): { readonly text: string; readonly end: number } | undefined {
  let text = "";
  for (let at = from + 1; at < raw.length; at += 1) {
    const character = raw.charAt(at);
    if (character === '"') return { text, end: at + 1 };
    if (character === "\\") at += 1;
    text += raw.charAt(at);
  }
  return undefined;
}

function splitStatements(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (!token.isQuoted && token.text === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements;
}

/** `method[/version] = result`, then properties such as `header.d = example.com`; none where one of them has another form. */
function readStatement(tokens: readonly Token[]): AuthenticationResult | undefined {
  const [method, sign, result] = tokens;
  if (method === undefined || sign?.text !== "=" || sign.isQuoted || result === undefined) return undefined;
  if (method.isQuoted || isSign(method) || isSign(result)) return undefined;
  const [name = "", version = "1"] = lowerAscii(method.text).split("/", 2);
  if (version !== "1") return undefined;
  return { method: name, result: lowerAscii(result.text), properties: readProperties(tokens.slice(3)) };
}

function readProperties(tokens: readonly Token[]): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  let at = 0;
  while (at < tokens.length) {
    const property = propertyAt(tokens, at);
    if (property === undefined) return new Map();
    if (!properties.has(property.name)) properties.set(property.name, property.value);
    at = property.end;
  }
  return properties;
}

/**
 * A value ends at white space and nowhere else: a sender may have `=` in its address, `<example.com=ann@evil.example>`, and a comment in the
 * name of its domain, `example.com(.evil.example)`.
 */
function propertyAt(tokens: readonly Token[], at: number) {
  const [name, sign, first] = tokens.slice(at, at + 3);
  if (name === undefined || name.isQuoted || isSign(name)) return undefined;
  if (sign?.text !== "=" || sign.isQuoted || first === undefined) return undefined;
  let value = first.text;
  let hasComment = first.hasComment;
  let end = at + 3;
  for (let next = tokens[end]; next !== undefined && (next.isJoined || next.text.startsWith("@")); next = tokens[end]) {
    value += next.text;
    hasComment ||= next.hasComment;
    end += 1;
  }
  return hasComment ? undefined : { name: lowerAscii(name.text), value, end };
}
