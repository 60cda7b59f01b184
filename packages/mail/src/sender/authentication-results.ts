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
  if (tokens === undefined || hidesStatements(tokens)) return undefined;
  const [head = [], ...statements] = splitStatements(tokens);
  const [id, version] = head;
  // The version is a number behind the id, and 1 is the only one.
  const isVersionKnown = version === undefined || (head.length === 2 && version.text === "1");
  if (id === undefined || id.text === "" || isSign(id) || !isVersionKnown || statements.length > maxResults) return undefined;
  const results: AuthenticationResult[] = [];
  for (const statement of statements) {
    if (isEmpty(statement)) continue;
    const result = readStatement(statement);
    if (result === undefined) return undefined;
    if (result.version === "1") results.push(result);
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
}

/** What may hold anything. */
const freeTexts: ReadonlySet<string> = new Set(["reason", "smtp.mailfrom", "smtp.rcptto"]);

/**
 * Whether a quotation may hold statements of the server. A sender may have a quotation mark in the name of its domain or of its key: it begins
 * a quotation that ends where that of its address should begin, and the address is then read as statements.
 */
function hidesStatements(tokens: readonly Token[]): boolean {
  return tokens.some(({ text, isQuoted }, at) => {
    if (!isQuoted || !/[\s;]/.test(text)) return false;
    return tokens[at - 1]?.text !== "=" || !freeTexts.has(lowerAscii(tokens[at - 2]?.text ?? ""));
  });
}

function isSign({ text, isQuoted }: Token): boolean {
  return !isQuoted && (text === ";" || text === "=");
}

function tokenize(raw: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let isJoined = false;
  let at = 0;
  const add = (text: string, isQuoted: boolean) => {
    tokens.push({ text, isQuoted, isJoined });
    isJoined = true;
  };
  while (at < raw.length) {
    const character = raw.charAt(at);
    if (/\s/.test(character)) {
      isJoined = false;
      at += 1;
    } else if (character === ")") return undefined;
    else if (character === "(") {
      const end = commentEnd(raw, at);
      // No server puts a comment into a value; a sender may have a bracket in the name of its domain or of its key.
      if (end === undefined || (isJoined && !isAfterStatement(tokens) && !isAfterResult(tokens))) return undefined;
      at = end;
    } else if (character === '"') {
      const quoted = readQuoted(raw, at);
      // A quotation is a whole value, or the local part of an address.
      if (
        quoted === undefined ||
        (isJoined && !isAfterName(tokens)) ||
        !/^(?:[\s;@(]|$)/.test(raw.slice(quoted.end, quoted.end + 1))
      )
        return undefined;
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

function isAfterStatement(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  return last === undefined || (isSign(last) && last.text === ";");
}

/** Behind the result of a method: `dmarc=pass(p=REJECT)`. */
function isAfterResult(tokens: readonly Token[]): boolean {
  const [sign, result] = tokens.slice(-2);
  if (sign === undefined || result === undefined || !isSign(sign) || isSign(result) || result.isQuoted) return false;
  return tokens.length > 3 && isAfterStatement(tokens.slice(-4, -3));
}

/** Behind the sign that follows the name of a method or of a property, and not behind one within a value. */
function isAfterName(tokens: readonly Token[]): boolean {
  const [name, sign] = tokens.slice(-2);
  if (isAfterStatement(tokens)) return true;
  if (name === undefined || sign === undefined || !isSign(sign) || isSign(name)) return false;
  return !name.isJoined || isAfterStatement(tokens.slice(-3, -2));
}

function wordEnd(raw: string, from: number): number {
  let end = from;
  while (end < raw.length && !/[\s();="]/.test(raw.charAt(end))) end += 1;
  return end;
}

/**
 * Where a comment ends. Undefined where that depends on how it is read: servers put what a sender chose into comments, and not all of them
 * escape brackets in it.
 */
function commentEnd(raw: string, from: number): number | undefined {
  const end = endOfComment(raw, from, { hasEscapes: true, hasQuotes: false });
  if (end === undefined || !/^(?:[\s;]|$)/.test(raw.slice(end, end + 1))) return undefined;
  const comment = raw.slice(from, end);
  if (statementForm.test(comment)) return undefined;
  if (!/["\\]/.test(comment)) return end;
  const others = [
    { hasEscapes: true, hasQuotes: true },
    { hasEscapes: false, hasQuotes: false },
    { hasEscapes: false, hasQuotes: true },
  ];
  return others.every((reading) => endOfComment(raw, from, reading) === end) ? end : undefined;
}

/** A result of the server, which a comment has swallowed. */
const statementForm = /; ?(?:arc|auth|bimi|dkim|dmarc|domainkeys|iprev|sender-id|spf)(?:\/1)? ?=/i;

/** How a comment is read: whether a backslash escapes what follows it, and whether brackets count within quotation marks. */
interface CommentReading {
  readonly hasEscapes: boolean;
  readonly hasQuotes: boolean;
}

function endOfComment(raw: string, from: number, { hasEscapes, hasQuotes }: CommentReading): number | undefined {
  let depth = 0;
  let isQuoted = false;
  for (let at = from; at < raw.length; at += 1) {
    const character = raw.charAt(at);
    if (hasEscapes && character === "\\") at += 1;
    else if (hasQuotes && character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === "(") depth += 1;
    else if (!isQuoted && character === ")") {
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

/** A semicolon may end the last statement, and `none` says that nothing was checked. */
function isEmpty([word, ...others]: readonly Token[]): boolean {
  return others.length === 0 && (word === undefined || (!word.isQuoted && lowerAscii(word.text) === "none"));
}

/** `method[/version] = result`, then properties such as `header.d = example.com`; none where one of them has another form. */
function readStatement(tokens: readonly Token[]): (AuthenticationResult & { readonly version: string }) | undefined {
  const [method, sign, result] = tokens;
  if (method === undefined || sign?.text !== "=" || sign.isQuoted || result === undefined) return undefined;
  if (method.isQuoted || isSign(method) || isSign(result)) return undefined;
  const [name = "", version = "1"] = lowerAscii(method.text).split("/", 2);
  return { version, method: name, result: lowerAscii(result.text), properties: readProperties(tokens.slice(3)) };
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

/** A value ends at white space and nowhere else: a sender may have `=` in its address, `<example.com=ann@evil.example>`. */
function propertyAt(tokens: readonly Token[], at: number) {
  const [name, sign, first] = tokens.slice(at, at + 3);
  if (name === undefined || name.isQuoted || isSign(name)) return undefined;
  if (sign?.text !== "=" || sign.isQuoted || first === undefined) return undefined;
  let value = first.text;
  let end = at + 3;
  for (let next = tokens[end]; next !== undefined && (next.isJoined || next.text.startsWith("@")); next = tokens[end]) {
    value += next.text;
    end += 1;
  }
  return { name: lowerAscii(name.text), value, end };
}
