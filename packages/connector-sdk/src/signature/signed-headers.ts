import { ConnectorsError } from "../contract/errors.ts";
import type { SignedHeader } from "./signature.ts";
import { SignedText } from "./signed-text.ts";
import type { SignedTime } from "./signed-time.ts";

/** A delivery before it is signed. */
export interface DeliveryToSign {
  readonly body: Uint8Array;
  /** When it is signed, epoch milliseconds. */
  readonly atMs: number;
  /** In lower case. Those that are signed and absent get an invented value. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The headers by which a sender proves a delivery. */
export type DeliverySigner = (delivery: DeliveryToSign) => Readonly<Record<string, string>>;

const inventedHeader = "sample";

/** Signs as a declared header says. `make` signs the bytes. */
export function headerSigner(declared: SignedHeader, make: (message: Uint8Array) => Buffer): DeliverySigner {
  const { header, encoding = "hex", prefix = "", list, timestamp } = declared;
  const text = new SignedText(declared.signed ?? "{body}");
  return ({ body, atMs, headers = {} }) => {
    const time = timestamp === undefined ? "" : written(atMs, timestamp);
    const signed: Record<string, string> = {};
    for (const name of text.headers) signed[name] = headers[name] ?? inventedHeader;
    const parts = text.of({ method: "POST", headers: { ...headers, ...signed }, body }, time);
    if (parts === undefined) throw ambiguous(text.headers);
    const made = make(Buffer.concat(parts)).toString(encoding);
    const { separator = ",", assign = "=", name } = list ?? { name: "" };
    const entries = [
      timestamp?.entry === undefined ? [] : `${timestamp.entry}${assign}${time}`,
      `${name}${assign}${made}`,
    ].flat();
    return {
      ...signed,
      ...(timestamp?.header === undefined ? {} : { [timestamp.header]: time }),
      [header]: list === undefined ? prefix + made : entries.join(separator),
    };
  };
}

function ambiguous(names: readonly string[]): ConnectorsError {
  return new ConnectorsError({
    code: "PUSH_SAMPLE_UNSIGNABLE",
    message: `a signed header (${names.join(", ")}) holds the text that separates what is signed`,
    hint: "use another value of that header",
  });
}

function written(atMs: number, { unit = "s" }: SignedTime): string {
  if (unit === "iso") return new Date(atMs).toISOString();
  return String(Math.floor(unit === "ms" ? atMs : atMs / 1_000));
}
