import type { JsonOutput, JsonShape, JsonType } from "./json-shape.ts";

const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Where what a command printed with `--json` differs from its description, as `path: why`. */
export function outputFaults({ form, prints }: JsonOutput, text: string): readonly string[] {
  if (form === "other") return [];
  return valuesIn(text, form).flatMap((value) => {
    const faults = prints.map(({ shape }) => shapeFaults(value, shape, "$"));
    // It is the value that it resembles most.
    return faults.toSorted((left, right) => left.length - right.length)[0] ?? [];
  });
}

/** One JSON text, or one a line. */
function valuesIn(text: string, form: JsonOutput["form"]): readonly unknown[] {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
  }
  return form === "list" && Array.isArray(whole) ? whole : [whole];
}

function shapeFaults(value: unknown, { keys }: JsonShape, path: string): readonly string[] {
  if (!isRecord(value)) return [`${path}: not an object`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = `${path}.${key}`;
    const described = Object.hasOwn(keys, key) ? keys[key] : undefined;
    return described === undefined ? [`${here}: not described`] : typeFaults(inner, described[0], here);
  });
}

function typeFaults(value: unknown, type: JsonType, path: string): readonly string[] {
  if (typeof type === "object") {
    if ("object" in type) return shapeFaults(value, type.object, path);
    if (!Array.isArray(value)) return [`${path}: not a list`];
    return value.flatMap((item, index) => shapeFaults(item, type.list, `${path}[${index}]`));
  }
  return isOf(value, type) ? [] : [`${path}: not of the type ${type}`];
}

function isOf(value: unknown, type: Exclude<JsonType, object>): boolean {
  switch (type) {
    case "any":
      return true;
    case "text":
      return typeof value === "string";
    case "time":
      return typeof value === "string" && time.test(value);
    case "number":
    case "boolean":
      return typeof value === type;
    case "texts":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "counts":
      return isRecord(value) && Object.values(value).every((count) => typeof count === "number");
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
