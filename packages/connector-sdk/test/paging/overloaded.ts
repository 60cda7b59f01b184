import { ConnectorsError } from "../../src/index.ts";

/** A provider that gave up on a page. */
export const overloaded = () => new ConnectorsError({ code: "ACME_UNAVAILABLE", message: "Acme answered 502", retryable: true });

export const acme = { codePrefix: "ACME", provider: "Acme", list: "tickets", signal: new AbortController().signal };

/** The values of an iterable, and what it threw. */
export async function collect<Value>(values: AsyncIterable<Value>): Promise<{ values: Value[]; error: unknown }> {
  const found: Value[] = [];
  try {
    for await (const value of values) found.push(value);
    return { values: found, error: undefined };
  } catch (error) {
    return { values: found, error };
  }
}
