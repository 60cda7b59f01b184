/** What stands in the place of a text that only its receiver can read. */
export const unreadable = {
  smimeEncrypted: "[encrypted with S/MIME: the text is unreadable]",
  smimeOpaque: "[signed with S/MIME in a form that hides the text]",
  pgpEncrypted: "[encrypted with PGP: the text is unreadable]",
} as const;

/** What the parts of signatures and encryption are, and Outlook's own format, by their content types. */
const notes: ReadonlyMap<string, string> = new Map([
  ["application/pkcs7-signature", "S/MIME signature"],
  ["application/x-pkcs7-signature", "S/MIME signature"],
  ["application/pgp-signature", "PGP signature"],
  ["application/pgp-keys", "PGP key"],
  ["application/ms-tnef", "Outlook's own format, not read"],
  ["application/vnd.ms-tnef", "Outlook's own format, not read"],
]);

/** What a reader cannot know of an attachment from its name. */
export function noteOf(contentType: string, name: string): string | undefined {
  return notes.get(contentType) ?? (name.toLowerCase() === "winmail.dat" ? notes.get("application/ms-tnef") : undefined);
}

/** How the content of `signed-data` is named in its first bytes. */
const signedData = Buffer.from("2a864886f70d010702", "hex");

/** What stands in the place of an S/MIME body. Undefined for one without words, such as a certificate. */
export function smimeNote(smimeType: string | undefined, beginning: Uint8Array): string | undefined {
  const type = (smimeType ?? "").toLowerCase();
  if (type === "certs-only") return undefined;
  const isSigned = type === "" ? Buffer.from(beginning).includes(signedData) : type === "signed-data";
  return isSigned ? unreadable.smimeOpaque : unreadable.smimeEncrypted;
}

const message = { begin: "-----BEGIN PGP MESSAGE-----", end: "-----END PGP MESSAGE-----" };
const signed = "-----BEGIN PGP SIGNED MESSAGE-----";
const signature = { begin: "-----BEGIN PGP SIGNATURE-----", end: "-----END PGP SIGNATURE-----" };

/** Text with what PGP wrote into it replaced by what it is. The words of a signed text stay. */
export function withoutArmor(text: string): string {
  if (!text.includes("-----BEGIN PGP ")) return text;
  const lines: string[] = [];
  let until: string | undefined;
  let isSigned = false;
  for (const line of text.split("\n")) {
    const mark = line.trimEnd();
    if (until !== undefined) {
      if (mark === until) until = undefined;
    } else if (mark === message.begin) {
      lines.push(unreadable.pgpEncrypted);
      until = message.end;
    } else if (mark === signature.begin) {
      until = signature.end;
      isSigned = false;
    } else if (mark === signed) {
      isSigned = true;
      // The hash lies in headers that end with an empty line.
      until = "";
    } else lines.push(isSigned && line.startsWith("- ") ? line.slice(2) : line);
  }
  return lines.join("\n");
}
