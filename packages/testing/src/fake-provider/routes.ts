/** What a parameter of the query must be; anything else is answered 400. */
export interface ProviderParameter {
  readonly required: boolean;
  /** Whether it may be given several times, as a list. Absent: once. */
  readonly repeats?: boolean;
  /** What is wrong with a value; undefined: nothing. */
  problem(value: string): string | undefined;
}

/** A request that a route takes. */
export interface ProviderRequest {
  readonly method: string;
  /** The parts of the path that the route names `:so`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** All values of a parameter that repeats. */
  readonly listOf: (name: string) => readonly string[];
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON, or the fields of a form; undefined without a body. */
  readonly body: unknown;
  /** Epoch milliseconds of the provider. */
  readonly nowMs: number;
}

export interface ProviderAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. Absent: no body. */
  readonly body?: unknown;
}

/** One route. It takes what it declares, and nothing else. */
export interface ProviderRoute {
  /** Default: no parameters. */
  readonly query?: Readonly<Record<string, ProviderParameter>>;
  /** What is wrong with a body; undefined: nothing. Absent: the route takes none. */
  readonly body?: (body: unknown) => string | undefined;
  /** Needs no credentials. */
  readonly isPublic?: true;
  answer(request: ProviderRequest): ProviderAnswer | Promise<ProviderAnswer>;
}

/** By method and path: `GET /repos/:owner/:repo`. */
export type ProviderRoutes = Readonly<Record<string, ProviderRoute>>;

interface ParameterOptions {
  /** Default false. */
  readonly required?: boolean;
}

/** A whole number. */
export function integer({
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
  required = false,
}: ParameterOptions & { readonly min?: number; readonly max?: number } = {}): ProviderParameter {
  return {
    required,
    problem: (value) =>
      /^-?\d{1,16}$/.test(value) && Number(value) >= min && Number(value) <= max
        ? undefined
        : `must be a whole number from ${min} to ${max}`,
  };
}

/** Any text, or one of some. */
export function text({
  oneOf,
  required = false,
  repeats = false,
}: ParameterOptions & { readonly oneOf?: readonly string[]; readonly repeats?: boolean } = {}): ProviderParameter {
  return {
    required,
    repeats,
    problem: (value) => (oneOf === undefined || oneOf.includes(value) ? undefined : `must be one of ${oneOf.join(", ")}`),
  };
}

/** A route with the key it is declared under, and what its path names. */
export interface FoundRoute {
  readonly key: string;
  readonly route: ProviderRoute;
  readonly params: Readonly<Record<string, string>>;
}

/** The route of a request; else the methods that its path takes, none for an unknown path. */
export function findRoute(routes: ProviderRoutes, method: string, pathname: string): FoundRoute | readonly string[] {
  const allowed: string[] = [];
  for (const [key, route] of Object.entries(routes)) {
    const [taken = "", pattern = ""] = key.split(" ");
    const params = matchPath(pattern, pathname);
    if (params === undefined) continue;
    if (taken === method) return { key, route, params };
    allowed.push(taken);
  }
  return allowed;
}

function matchPath(pattern: string, pathname: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split("/");
  const parts = pathname.split("/");
  if (wanted.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, want] of wanted.entries()) {
    const part = parts[at] ?? "";
    if (want.startsWith(":") && part !== "") params[want.slice(1)] = decodeURIComponent(part);
    else if (want !== part) return undefined;
  }
  return params;
}

/** Why a route does not take this query; undefined: it does. */
export function queryProblem({ query: declared = {} }: ProviderRoute, sent: URLSearchParams): string | undefined {
  for (const name of sent.keys()) {
    if (!Object.hasOwn(declared, name)) return `unknown parameter ${name}`;
    if (sent.getAll(name).length > 1 && declared[name]?.repeats !== true) return `parameter ${name} is given twice`;
  }
  for (const [name, parameter] of Object.entries(declared)) {
    const values = sent.getAll(name);
    if (values.length === 0 && parameter.required) return `parameter ${name} is missing`;
    const problem = values.map((value) => parameter.problem(value)).find((found) => found !== undefined);
    if (problem !== undefined) return `parameter ${name} ${problem}`;
  }
  return undefined;
}
