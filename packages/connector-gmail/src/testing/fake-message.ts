/** One part of a message that a test makes. */
export interface FakePart {
  readonly mimeType: string;
  /** Besides those that follow from the other fields. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly filename?: string;
  /** Text is sent as UTF-8. */
  readonly content?: string | Uint8Array;
  readonly parts?: readonly FakePart[];
}

/** A mail that a test makes; what is left out is invented. */
export interface FakeMail {
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly subject?: string;
  /** Plain text. */
  readonly text?: string;
  readonly html?: string;
  /** In the place of `text` and `html`. */
  readonly root?: FakePart;
  /** Names and contents of files. */
  readonly files?: Readonly<Record<string, string>>;
  readonly headers?: readonly (readonly [string, string])[];
  /** Without angle brackets; null: the mail has none. */
  readonly messageId?: string | null;
  readonly threadId?: string;
  readonly labelIds?: readonly string[];
  /** When Gmail took it, epoch milliseconds. Default: now. */
  readonly atMs?: number;
}

/** A message as it lies in a mailbox. */
export interface FakeMessage {
  readonly id: string;
  readonly threadId: string;
  readonly labelIds: Set<string>;
  readonly internalDateMs: number;
  /** When the message came into the mailbox: search may know it later. */
  readonly arrivedMs: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly root: FakePart;
  /** The history record that changed it last. */
  historyId: bigint;
}

type Json = Record<string, unknown>;

/** What decides the form of messages where no document does. */
export interface MessageForm {
  /** Texts that are longer come apart from their message. Default 200,000 bytes. */
  readonly inlineBytes?: number;
  /** Whether Gmail has made UTF-8 of every text, whatever its header says. Default false. */
  readonly decodesCharsets?: boolean;
}

/** The root part of a mail. */
export function rootOf({ root, text = "", html, files = {} }: FakeMail): FakePart {
  if (root !== undefined) return root;
  const plain: FakePart = { mimeType: "text/plain", headers: { "Content-Type": 'text/plain; charset="UTF-8"' }, content: text };
  const rich: FakePart = {
    mimeType: "text/html",
    headers: { "Content-Type": 'text/html; charset="UTF-8"' },
    content: html ?? "",
  };
  const body: FakePart =
    html === undefined ? plain : text === "" ? rich : { mimeType: "multipart/alternative", parts: [plain, rich] };
  const attached = Object.entries(files).map(([filename, content]): FakePart => ({
    mimeType: "application/pdf",
    filename,
    content,
  }));
  return attached.length === 0 ? body : { mimeType: "multipart/mixed", parts: [body, ...attached] };
}

/** A message as `messages.get` returns it. */
export function messageJson(
  message: FakeMessage,
  format: "full" | "metadata" | "minimal",
  form: MessageForm,
  asId: (id: bigint) => unknown,
): Json {
  const { id, threadId, labelIds, internalDateMs, historyId, headers } = message;
  const head: Json = {
    id,
    threadId,
    ...(labelIds.size > 0 && { labelIds: [...labelIds] }),
    snippet: snippetOf(message),
    historyId: asId(historyId),
    internalDate: String(internalDateMs),
    sizeEstimate: sizeOf(message.root) + 1_000,
  };
  if (format === "minimal") return head;
  const named = headers.map(([name, value]) => ({ name, value }));
  const payload = payloadOf(message.root, "", form);
  if (format === "metadata") return { ...head, payload: { mimeType: payload["mimeType"], headers: named } };
  const own = Array.isArray(payload["headers"]) ? (payload["headers"] as unknown[]) : [];
  return { ...head, payload: { ...payload, headers: [...named, ...own] } };
}

/** The content that an attachment id stands for, base64url. */
export function attachmentData(
  { root }: FakeMessage,
  attachmentId: string,
): { readonly size: number; readonly data: string } | undefined {
  const partId = attachmentId.replace(/^ANGjdJ_/, "");
  const path = partId === "" ? [] : partId.split(".").map(Number);
  let part: FakePart | undefined = root;
  for (const at of path) part = part?.parts?.[at];
  if (part?.content === undefined) return undefined;
  const bytes = Buffer.from(part.content);
  return { size: bytes.length, data: bytes.toString("base64url") };
}

function payloadOf(part: FakePart, partId: string, form: MessageForm): Json {
  const { mimeType, headers = {}, filename = "", content, parts } = part;
  const declared = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const disposition = filename === "" ? [] : [{ name: "Content-Disposition", value: `attachment; filename="${filename}"` }];
  return {
    partId,
    mimeType,
    filename,
    headers: [...declared, ...disposition],
    body: bodyOf(part, partId, form),
    ...(parts !== undefined && {
      parts: parts.map((child, at) => payloadOf(child, partId === "" ? String(at) : `${partId}.${at}`, form)),
    }),
    ...(content === undefined && parts === undefined && { body: { size: 0 } }),
  };
}

function bodyOf(
  { mimeType, headers = {}, filename = "", content }: FakePart,
  partId: string,
  { inlineBytes = 200_000, decodesCharsets }: MessageForm,
): Json {
  if (content === undefined) return { size: 0 };
  const bytes = Buffer.from(content);
  const isText = mimeType.startsWith("text/") && filename === "";
  if (!isText || bytes.length > inlineBytes) return { attachmentId: `ANGjdJ_${partId}`, size: bytes.length };
  const charset = /charset="?([\w-]{1,40})/i.exec(headers["Content-Type"] ?? "")?.[1] ?? "utf-8";
  const sent = decodesCharsets === true ? Buffer.from(new TextDecoder(charset).decode(bytes)) : bytes;
  return { size: sent.length, data: sent.toString("base64url") };
}

/** The words that lists and searches see. */
export function wordsOf(part: FakePart): string {
  const own = part.content !== undefined && part.mimeType.startsWith("text/") ? Buffer.from(part.content).toString("utf8") : "";
  return [own, ...(part.parts ?? []).map((child) => wordsOf(child))].join(" ");
}

function snippetOf({ root }: FakeMessage): string {
  return wordsOf(root)
    .replaceAll(/<[^<>]{0,500}>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 200)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;");
}

function sizeOf({ content = "", parts = [] }: FakePart): number {
  return Buffer.byteLength(content) + parts.reduce((sum, part) => sum + sizeOf(part), 0);
}
