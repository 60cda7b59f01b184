/** Each body is parsed once, however many parts of a receiver read it. */
const parsed = new WeakMap<Uint8Array, { readonly value: unknown }>();

/** The JSON value of a request's or an event's body; undefined when it is not JSON. The value is shared: do not change it. */
export function parseJsonBody({ body }: { readonly body: Uint8Array }): unknown {
  const known = parsed.get(body);
  if (known !== undefined) return known.value;
  const value = parse(body);
  parsed.set(body, { value });
  return value;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
