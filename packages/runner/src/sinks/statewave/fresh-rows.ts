/** What is known of a request whose answer is looked at. */
export interface EchoedRequest {
  readonly items: number;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  /** The answer's `Date` header: the server's clock, in whole seconds. */
  readonly date: string | undefined;
}

/**
 * Which rows of a batch the server did not have before. It echoes each stored row in order, a duplicate with the time at which it was first
 * stored, so a row is new when its `created_at` is not before our request by the server's own clock. Undefined when the echo is not readable.
 */
export function freshRows(echo: string, request: EchoedRequest): readonly boolean[] | undefined {
  const rows = parseRows(echo);
  if (rows?.length !== request.items) return undefined;
  const serverMs = request.date === undefined ? Number.NaN : Date.parse(request.date);
  // Without the server's clock ours has to do. With it, the request began as long before the answer as we waited.
  const beganAtMs = Number.isNaN(serverMs) ? request.sentAtMs : serverMs - (request.answeredAtMs - request.sentAtMs);
  return rows.map((row) => Date.parse(createdAt(row)) >= beganAtMs);
}

function parseRows(echo: string): readonly unknown[] | undefined {
  try {
    const { episodes } = JSON.parse(echo) as { readonly episodes?: unknown };
    return Array.isArray(episodes) ? episodes : undefined;
  } catch {
    return undefined;
  }
}

/** Empty when absent, which is no date and so not fresh. */
function createdAt(row: unknown): string {
  const time = typeof row === "object" && row !== null && "created_at" in row ? row.created_at : undefined;
  return typeof time === "string" ? time : "";
}
