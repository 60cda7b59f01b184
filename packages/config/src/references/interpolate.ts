import { reasonOf } from "../thrown.ts";

/** What a `${…}` stands for: a variable, maybe with a default, or a file. A variable that is not set may be in a file of its own. */
export interface Lookups {
  /** The variable's value, or undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
  /** The file's content without its trailing newline. Throws with a reason for people. */
  readonly file: (path: string) => string;
}

export interface Interpolated {
  readonly text: string;
  /** Whether a `${…}` was replaced: such a value is printed as `***`. */
  readonly replaced: boolean;
  /** Why it could not be done, one a reference. */
  readonly faults: readonly { readonly message: string; readonly hint: string }[];
}

/** `$$`, `${…}` up to the first brace, or `${` that nothing closes. Any other dollar is itself. */
const reference = /\$\$|\$\{([^}]*)(\}?)/g;
const variable = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;
const dollarHint = "write $$ for a dollar sign";

/**
 * Replaces `${VAR}`, `${VAR:-default}` (also when VAR is set but empty, as in a shell), `${file:/path}` and `$$` in one string. What
 * was put in is not looked at again, so a secret may hold dollars and braces. Adds to `sources` where that came from, in words.
 */
export function interpolate(text: string, lookups: Lookups, sources: string[] = []): Interpolated {
  if (!text.includes("$")) return { text, replaced: false, faults: [] };
  const faults: { message: string; hint: string }[] = [...braceless(text, lookups)];
  let replaced = false;
  const result = text.replaceAll(reference, (whole, inner: string | undefined, close: string | undefined) => {
    if (inner === undefined) return "$";
    replaced = true;
    const resolved = close === "" ? unclosed : resolve(inner, lookups, sources);
    if (typeof resolved === "string") return resolved;
    faults.push(resolved);
    return whole;
  });
  return { text: result, replaced, faults };
}

/** A variable as a shell reads it: taken as text, a provider would refuse it as a wrong token. */
function braceless(text: string, { variable: look }: Lookups): Interpolated["faults"] {
  const name = /^\$([A-Za-z_][A-Za-z0-9_]{1,100})$/.exec(text)?.[1];
  if (name === undefined || (name !== name.toUpperCase() && look(name) === undefined)) return [];
  const message = `$${name} without braces is text, not a reference to a variable`;
  return [{ message, hint: `write \${${name}}, or $$${name} for the text` }];
}

// What stands between the braces is not quoted: it may be part of a password that was written with a plain dollar.
const unclosed = { message: 'a "${" has no closing brace', hint: dollarHint };
const unknownReference = { message: 'a "${…}" is neither a variable nor file:/path', hint: dollarHint };

type Resolved = string | { readonly message: string; readonly hint: string };

function resolve(inner: string, lookups: Lookups, sources: string[]): Resolved {
  if (inner.startsWith("file:")) {
    sources.push(`the file ${inner.slice("file:".length)}`);
    return contentOf(inner.slice("file:".length), `\${${inner}}`, lookups);
  }
  const match = variable.exec(inner);
  if (match === null) return unknownReference;
  const [, name = "", fallback] = match;
  if (fallback?.includes("${") === true) {
    return {
      message: `the default of \${${name}} holds another reference`,
      hint: "write a default without references: they are not replaced in it",
    };
  }
  const value = lookups.variable(name);
  const fromFile = valueOfFile(name, value, lookups, sources);
  if (fromFile !== undefined) return fromFile;
  const isDefault = (fallback ?? "") !== "" && (value ?? "") === "";
  sources.push(isDefault ? `the default of \${${name}}` : `the environment variable ${name}`);
  if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
  return (
    value ?? {
      message: `the environment variable ${name} is not set`,
      hint: `set it or ${name}_FILE, or write \${${name}:-default}`,
    }
  );
}

/** `VAR` is not set, but `VAR_FILE` names the file that holds it, as for images of databases. Undefined: there is no such file. */
function valueOfFile(name: string, value: string | undefined, lookups: Lookups, sources: string[]): Resolved | undefined {
  const path = lookups.variable(`${name}_FILE`) ?? "";
  if (path === "") return undefined;
  if ((value ?? "") !== "") {
    return { message: `the environment variables ${name} and ${name}_FILE are both set`, hint: "set one of them only" };
  }
  sources.push(`the file ${path}`);
  return contentOf(path, `${name}_FILE`, lookups);
}

function contentOf(path: string, named: string, { file }: Lookups): Resolved {
  try {
    return file(path);
  } catch (error) {
    return { message: `${named}: ${reasonOf(error)}`, hint: "check the path and its permissions" };
  }
}
