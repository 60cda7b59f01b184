import type { Json } from "./raw.ts";

/** A search as the fake understands it. */
export interface SearchRequest {
  readonly perPage: number;
  readonly startingAfter: readonly [at: number, id: string] | undefined;
  readonly filters: readonly {
    readonly field: "updated_at" | "created_at";
    readonly operator: ">" | "<" | "=";
    readonly value: number;
  }[];
}

const mostPerPage = 150;
const mostFilters = 15;

/** Reads the body of a search; a text says what is wrong with it. Whatever the documentation does not name is refused. */
export function readSearchRequest(body: unknown): SearchRequest | string {
  if (!isFields(body)) return "the body must be a JSON object";
  const unknown = Object.keys(body).find((key) => !["query", "pagination", "sort"].includes(key));
  if (unknown !== undefined) return `unknown field ${unknown}`;
  const filters = readFilters(body["query"]);
  if (typeof filters === "string") return filters;
  const { per_page: perPage = 20, starting_after: after } = isFields(body["pagination"]) ? body["pagination"] : {};
  if (typeof perPage !== "number" || !Number.isInteger(perPage) || perPage < 1 || perPage > mostPerPage)
    return `per_page must be from 1 to ${mostPerPage}`;
  const sort = body["sort"];
  if (!isFields(sort) || sort["field"] !== "updated_at" || sort["order"] !== "ascending")
    return "this fake sorts by updated_at, ascending, and not at all by default";
  const startingAfter = after === undefined ? undefined : readCursor(after);
  return startingAfter === null
    ? "Invalid starting_after param. Please try again using a starting_after value from a paginated response"
    : { perPage, startingAfter, filters };
}

/** The last row of a page, as the cursors of Intercom's lists hold it. */
export function writeCursor(at: number, id: string): string {
  return Buffer.from(JSON.stringify([at, id])).toString("base64");
}

function readCursor(after: unknown): readonly [number, string] | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(String(after), "base64").toString());
    if (Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "string") return [value[0], value[1]];
  } catch {
    // It is none.
  }
  return null;
}

function readFilters(query: unknown): SearchRequest["filters"] | string {
  if (!isFields(query)) return "query is missing";
  const list: unknown = query["operator"] === "AND" ? query["value"] : [query];
  if (!Array.isArray(list) || list.length === 0 || list.length > mostFilters)
    return `an AND group has 1 to ${mostFilters} filters`;
  const filters: SearchRequest["filters"][number][] = [];
  for (const each of list) {
    const { field, operator, value } = isFields(each) ? each : {};
    if (field !== "updated_at" && field !== "created_at") return `this fake does not search by ${String(field)}`;
    if (operator !== ">" && operator !== "<" && operator !== "=") return `${String(operator)} is not supported on Date fields`;
    if (typeof value !== "number" || !Number.isInteger(value)) return `the value of ${field} must be whole seconds`;
    filters.push({ field, operator, value });
  }
  return filters;
}

function isFields(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
