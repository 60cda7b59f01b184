/** Which requests a fault is for. */
interface FaultScope {
  /** The route, as it is declared: `GET /changes`. Default: every request. */
  readonly on?: string;
  /** So many requests pass before. Default 0. */
  readonly after?: number;
  /** So many requests it meets. Default: until the faults are replaced. */
  readonly times?: number;
}

/** Something that goes wrong, as plain JSON: a control request can set it. */
export type ProviderFault = FaultScope &
  (
    | {
        readonly type: "status";
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: unknown;
      }
    /** Takes the request and never answers. */
    | { readonly type: "hang" }
    /** Cuts the connection before an answer. */
    | { readonly type: "reset" }
    /** Promises the whole body, sends half of it and cuts the connection. */
    | { readonly type: "cut" }
    /** Sends the body byte after byte, each after `byteMs`. */
    | { readonly type: "slow_body"; readonly byteMs: number }
    /** Answers after `latencyMs`. */
    | { readonly type: "latency"; readonly latencyMs: number }
    /** Some hundred KB that unpack to so much. Default 1,024. */
    | { readonly type: "gzip_bomb"; readonly mebibytes?: number }
    /** The page of a proxy. Default status 200. */
    | { readonly type: "html"; readonly status?: number }
    /** Redirects to the same path and query at another origin. Default status 302. */
    | { readonly type: "redirect"; readonly to: string; readonly status?: number }
    /** The first answer of the route again, whatever is requested. */
    | { readonly type: "repeat" }
    /** Replaces fields of the answer, by dotted path: `{ "has_more": true, "meta.cursor": null }` lies about the end of a list. */
    | { readonly type: "set"; readonly values: Readonly<Record<string, unknown>> }
    /** The provider's clock is so far ahead, in its headers and for its routes. */
    | { readonly type: "clock"; readonly aheadMs: number }
  );

interface Scheduled {
  readonly fault: ProviderFault;
  waits: number;
  left: number;
}

/** The faults that are set. A request meets the first of each type that is for it. */
export class ProviderFaults {
  #scheduled: readonly Scheduled[] = [];

  set(faults: readonly ProviderFault[]): void {
    this.#scheduled = faults.map((fault) => ({ fault, waits: fault.after ?? 0, left: fault.times ?? Infinity }));
  }

  /** What goes wrong with this request, in the order in which the faults were set. */
  take(route: string): readonly ProviderFault[] {
    const types = new Set<string>();
    const taken: ProviderFault[] = [];
    for (const each of this.#scheduled) {
      const { fault } = each;
      if (each.left <= 0 || types.has(fault.type) || (fault.on !== undefined && fault.on !== route)) continue;
      if (each.waits > 0) {
        each.waits -= 1;
        continue;
      }
      each.left -= 1;
      types.add(fault.type);
      taken.push(fault);
    }
    return taken;
  }
}

/** The body with some fields replaced. */
export function withFields(body: unknown, values: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(values).reduce((whole, [path, value]) => withField(whole, path.split("."), value), body);
}

function withField(body: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const fields: Readonly<Record<string, unknown>> = typeof body === "object" && body !== null ? { ...body } : {};
  return { ...fields, [key]: withField(fields[key], rest, value) };
}
