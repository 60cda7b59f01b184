import * as v from "valibot";
import { isSecret, revealed, Secret } from "../secrets/secret.ts";
import { fitsHeader } from "./fits-header.ts";
import { headerMessage } from "./header-text.ts";

/** How a secret option is read. */
export interface SecretPieceOptions {
  /** What a value is that is no text, or an empty one. It must not quote the value. */
  readonly message?: string;
  /** Keeps whitespace around the value; by default it is dropped, because a file or a copied text often ends with a line break. */
  readonly keepSpaces?: boolean;
}

const expectedText = "expected some text";

/** A required secret: the connector gets a {@link Secret}. Code may pass one, too. */
export function secret(options: SecretPieceOptions = {}) {
  return v.pipe(
    givenText(options),
    v.transform((given) => toSecret(given, options)),
    v.check((made) => made.reveal() !== "", expectedText),
    v.metadata({ secret: true, type: "string" }),
  );
}

/** A secret that may be absent; an empty one is absent. */
export function optionalSecret(options: SecretPieceOptions = {}) {
  return v.pipe(
    v.optional(givenText(options)),
    v.transform((given) => toOptionalSecret(given, options)),
    v.metadata({ secret: true, type: "string" }),
  );
}

/** A required secret that is sent as a header, such as a token. */
export function headerSecret(options: SecretPieceOptions = {}) {
  return v.pipe(secret(options), v.check(isSendable, headerMessage));
}

/** A secret that is sent as a header and may be absent; an empty one is absent. */
export function optionalHeaderSecret(options: SecretPieceOptions = {}) {
  return v.pipe(
    optionalSecret(options),
    v.check((made) => made === undefined || isSendable(made), headerMessage),
  );
}

/** One secret, or a list of two while it is changed at the provider: the connector gets a list. */
export function rotatingSecret(options: SecretPieceOptions = {}) {
  const message = options.message ?? "expected the secret, or a list of two while it is changed";
  const one = givenText({ ...options, message });
  return v.pipe(
    v.union([one, v.pipe(v.array(one, message), v.minLength(1, message), v.maxLength(2, message))], message),
    v.transform((given): readonly Secret[] => [given].flat().map((item) => toSecret(item, options))),
    v.check((made) => made.every((item) => item.reveal() !== ""), "must not be empty"),
    v.metadata({ secret: true, type: "string, or a list of two" }),
  );
}

function givenText({ message = expectedText }: SecretPieceOptions) {
  return v.custom<string | Secret>((given) => typeof given === "string" || isSecret(given), message);
}

function toSecret(given: string | Secret, { keepSpaces = false }: SecretPieceOptions): Secret {
  const text = revealed(given);
  if (keepSpaces || text === text.trim()) return typeof given === "string" ? new Secret(given) : given;
  return new Secret(text.trim());
}

function toOptionalSecret(given: string | Secret | undefined, options: SecretPieceOptions): Secret | undefined {
  const made = given === undefined ? undefined : toSecret(given, options);
  return made?.reveal() === "" ? undefined : made;
}

function isSendable(made: Secret): boolean {
  return fitsHeader(made.reveal());
}
