import * as v from "valibot";
import type { ImapPart, SectionContents } from "./mail-structure.ts";

/** A mail, as far as it was fetched. */
export interface FetchedMail {
  readonly folder: string;
  readonly validity: string;
  readonly uid: number;
  /** It lies where the mailbox keeps what its owner sent. */
  readonly isSent: boolean;
  /** INTERNALDATE: when the server got the mail, ISO 8601. */
  readonly at?: string | undefined;
  /** The headers as they stand, or their beginning. */
  readonly header: Uint8Array;
  readonly root?: ImapPart | undefined;
  /** Texts as they stand, by their sections. */
  readonly contents: SectionContents;
}

const bytes = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text): Uint8Array => Buffer.from(text, "base64")),
);

const part: v.GenericSchema<unknown, ImapPart> = v.object({
  section: v.string(),
  contentType: v.string(),
  parameters: v.exactOptional(v.record(v.string(), v.string())),
  name: v.exactOptional(v.string()),
  encoding: v.exactOptional(v.string()),
  sizeBytes: v.exactOptional(v.number()),
  disposition: v.exactOptional(v.string()),
  contentId: v.exactOptional(v.string()),
  parts: v.exactOptional(v.array(v.lazy(() => part))),
});

/** What {@link toRawMail} makes. */
export const RawMail = v.object({
  folder: v.string(),
  validity: v.string(),
  uid: v.number(),
  isSent: v.boolean(),
  at: v.optional(v.string()),
  header: bytes,
  root: v.optional(part),
  contents: v.pipe(
    v.record(v.string(), bytes),
    v.transform((record): SectionContents => new Map(Object.entries(record))),
  ),
});

/** A mail as it is kept when it cannot be mapped: JSON. */
export function toRawMail({ header, contents, ...mail }: FetchedMail): unknown {
  return {
    ...mail,
    header: toBase64(header),
    contents: Object.fromEntries(Array.from(contents, ([section, content]) => [section, toBase64(content)])),
  };
}

function toBase64(content: Uint8Array): string {
  return Buffer.from(content).toString("base64");
}
