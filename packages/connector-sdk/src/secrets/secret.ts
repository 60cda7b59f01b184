import { rememberSecret } from "./known-secrets.ts";

const brand = Symbol.for("@statewave-connectors/secret");
const inspect = Symbol.for("nodejs.util.inspect.custom");

/** How a secret is shown and remembered. */
export interface SecretOptions {
  /** What is printed instead of the value, e.g. a URL without its password. Default `***`. */
  readonly shownAs?: string;
  /** A token that a provider issued and that expires: many of them pass through one process, so old ones are forgotten. */
  readonly minted?: boolean;
}

/**
 * A text that prints as `***` in logs, errors, JSON and templates, and that {@link maskSecrets} masks wherever it appears in another text. Only
 * `reveal()` returns the value: call it where the header, the signature or the driver needs it. Recognise one with {@link isSecret}.
 */
export class Secret {
  readonly #value: string;
  readonly #shownAs: string;

  constructor(value: string, { shownAs = "***", minted = false }: SecretOptions = {}) {
    this.#value = value;
    this.#shownAs = shownAs;
    Object.defineProperty(this, brand, { value: true });
    rememberSecret(value, { minted });
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return this.#shownAs;
  }

  toJSON(): string {
    return this.#shownAs;
  }

  [Symbol.toPrimitive](): string {
    return this.#shownAs;
  }

  [inspect](): string {
    return this.#shownAs;
  }
}

/** Whether `value` is a {@link Secret}, also one of another installed version of the SDK. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && brand in value;
}

/** The text itself, of a secret or of a plain string. */
export function revealed(value: string | Secret): string {
  return typeof value === "string" ? value : value.reveal();
}
