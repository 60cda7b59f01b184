import { maskSecrets } from "../secrets/known-secrets.ts";

const brand = Symbol.for("@statewave-connectors/error");

/** What {@link ConnectorsError} is made from. */
export interface ConnectorsErrorOptions {
  /** Stable, SCREAMING_SNAKE, prefixed by area (`CONFIG_`, `STORE_`, `INBOX_`, `PULL_`, `PUSH_`, `SINK_`, `NETWORK_`) or by connector kind. */
  readonly code: string;
  /** What happened, with the value. */
  readonly message: string;
  /** What the reader should do about it. */
  readonly hint?: string;
  /** Whether the same call may succeed later, unchanged. Default false. */
  readonly retryable?: boolean;
  /** Earliest useful moment for another try, epoch milliseconds (a provider's rate limit). Implies `retryable`. */
  readonly retryAtMs?: number;
  /**
   * Names of the parts of a source (repositories, channels) that could not be read, when everything else was. `retryAtMs` is then the
   * earliest useful moment for them alone, and does not put the next run off.
   */
  readonly failedParts?: readonly string[];
  readonly cause?: unknown;
}

/**
 * The one error family of this product. Known secrets in message and hint are masked. Recognise it with {@link isConnectorsError}, not
 * `instanceof`: two versions of the SDK may be installed.
 */
export class ConnectorsError extends Error {
  override readonly name = "ConnectorsError";
  readonly code: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly retryAtMs: number | undefined;
  readonly failedParts: readonly string[] | undefined;

  constructor(options: ConnectorsErrorOptions) {
    super(maskSecrets(options.message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint === undefined ? undefined : maskSecrets(options.hint);
    // No wait can be planned until a time that is none.
    this.retryAtMs = Number.isFinite(options.retryAtMs) ? options.retryAtMs : undefined;
    this.failedParts = options.failedParts;
    this.retryable = options.retryable ?? options.retryAtMs !== undefined;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether `error` belongs to the family, and, when `code` is given, carries that code. */
export function isConnectorsError(error: unknown, code?: string): error is ConnectorsError {
  if (typeof error !== "object" || error === null) return false;
  try {
    return brand in error && (code === undefined || (error as unknown as ConnectorsError).code === code);
  } catch {
    // A proxy may throw at anything.
    return false;
  }
}

/** One line for people: `CODE: message (hint)`, known secrets masked. Anything thrown is accepted; the stack and the cause are left out. */
export function describeError(error: unknown): string {
  try {
    if (isConnectorsError(error)) {
      return `${error.code}: ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`;
    }
    return maskSecrets(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  } catch {
    return "an error that cannot be read";
  }
}
