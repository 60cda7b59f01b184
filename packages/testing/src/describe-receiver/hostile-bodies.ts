import { itemAt } from "../required.ts";
const deep = 100_000;

/** Bodies that a signature does not make sensible. */
export const hostileBodies: Readonly<Record<string, string | Uint8Array>> = {
  "an empty body": "",
  "half an object": '{"type":',
  "open brackets only": "[".repeat(deep),
  "a deep nest": `{"a":${"[".repeat(deep)}${"]".repeat(deep)}}`,
  "an empty object": "{}",
  "an empty list": "[]",
  null: "null",
  "a string": '"event"',
  "a number beyond all": "1e999",
  "a form": "payload=%7B%7D",
  "a __proto__ key": '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  "NUL and lone surrogates": '{"\\u0000":"\\ud800","type":"\\udfff\\u0000"}',
  "bytes that are not UTF-8": Uint8Array.of(0x7b, 0xff, 0xfe, 0x00, 0x7d),
};

const replacements: readonly unknown[] = [null, -1e308, "", "\0\ud800", [null], { constructor: 1 }];

/** Of one sample, so that a suite with large samples stays quick. */
const maxCopies = 250;

type Path = readonly (string | number)[];

/** Copies of a JSON sample with one field changed in each: all there are, or evenly chosen ones. None of a sample that is not JSON. */
export function* spoiledCopies(body: string | Uint8Array): Generator<{ readonly name: string; readonly body: string }> {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  if (parse(text) === undefined) return;
  const paths = [...pathsIn(parse(text))];
  const count = paths.length * replacements.length;
  for (let at = 0; at < count; at += strideFor(count)) {
    const path = itemAt(paths, Math.floor(at / replacements.length));
    const replacement = replacements[at % replacements.length];
    const spoiled = JSON.stringify(replaced(parse(text), path, replacement));
    yield { name: `${path.join(".")} = ${JSON.stringify(replacement)}`, body: spoiled };
  }
  yield { name: "a __proto__ key", body: text.replace("{", '{"__proto__":{"polluted":true},') };
}

/** What every object has without being given it. */
export const inheritedNames = ["constructor", "__proto__", "toString"] as const;

/** Of one sample; the words that decide what becomes of a webhook stand near its surface. */
const maxNamedCopies = 150;

/**
 * Copies of a JSON sample in which one text is the name of a property that every object has, or ends with it behind its last separator, as in
 * `ticket.constructor`. Those near the surface first.
 */
export function namedCopies(body: string | Uint8Array): readonly { readonly name: string; readonly body: string }[] {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const paths = [...pathsIn(parse(text))].toSorted((left, right) => left.length - right.length);
  const copies = paths.flatMap((path) => {
    const value = valueAt(parse(text), path);
    const words = typeof value === "string" ? inheritedNames.flatMap((name) => wordsWith(name, value)) : [];
    return words.map((word) => ({
      name: `${path.join(".")} = ${word}`,
      body: JSON.stringify(replaced(parse(text), path, word)),
    }));
  });
  return copies.slice(0, maxNamedCopies);
}

function wordsWith(name: string, value: string): readonly string[] {
  const prefixes = [/^.*:/s, /^.*[.:/]/s].map((pattern) => pattern.exec(value)?.[0] ?? "");
  return [...new Set(["", ...prefixes])].map((prefix) => `${prefix}${name}`);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((parent, key) => Reflect.get(Object(parent), key) as unknown, value);
}

/** Without a factor in common with the six replacements, so that it comes by each of them. */
function strideFor(count: number): number {
  let stride = Math.ceil(count / maxCopies);
  while (stride % 2 === 0 || stride % 3 === 0) stride += 1;
  return stride;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    yield [...path, key];
    yield* pathsIn(child, [...path, key]);
  }
}

function replaced(value: unknown, path: Path, replacement: unknown): unknown {
  Reflect.set(Object(valueAt(value, path.slice(0, -1))), itemAt(path, -1), replacement);
  return value;
}
