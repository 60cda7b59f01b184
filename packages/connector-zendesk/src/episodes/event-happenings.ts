import { parseItem } from "@statewave-connectors/connector-sdk";
import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import { htmlToText, oneLine } from "@statewave-connectors/connector-sdk/text";
import type * as v from "valibot";
import { zendesk } from "../client.ts";
import { type Happening, isOver } from "./happening.ts";
import {
  CommentChild,
  FileRedactionChild,
  PrivacyChild,
  RedactionChild,
  StatusChild,
  type Ticket,
  type TicketEvent,
} from "./records.ts";

type Child = TicketEvent["child_events"][number];
type Comment = v.InferOutput<typeof CommentChild>;

/** How much of a description is compared: enough to recognise it, and little to remember. */
const comparedLength = 80;
/** The first comment is written with its ticket. */
const sameMomentMs = 5_000;

/** What people say, also by telephone and at Facebook: all of them have the form of a comment. */
const commentTypes: ReadonlySet<string> = new Set(["Comment", "VoiceComment", "FacebookComment"]);

/** What one step in the life of a ticket reports. Children of other types are Zendesk's own bookkeeping. */
export function eventHappenings(event: TicketEvent, ticket: Ticket): readonly Happening[] {
  const at = toInstant(event.timestamp * 1_000);
  const children = (type: string) => event.child_events.filter((child) => child.event_type === type);
  const isFirst = children("Create").length > 0;
  const comments = event.child_events.filter(isComment).map((child) => ({ child, comment: read(CommentChild, child) }));
  // A rule may add a note in the same step.
  const description =
    comments.find(({ comment }) => isDescription(ticket, at, comment.body)) ?? (isFirst ? comments[0] : undefined);
  // A message elsewhere opened it: its first comment has another type.
  const opened: readonly Happening[] =
    isFirst && comments.length === 0 ? [{ type: "created", at, by: event.updater_id, words: "", files: [], isPublic: true }] : [];
  const said = comments.flatMap((each): readonly Happening[] => {
    const { child, comment } = each;
    const { id, author_id, public: isPublic, attachments } = comment;
    // One without an author is by who made the update, and one by -1 is by Zendesk itself.
    const by = child["author_id"] === undefined || child["author_id"] === null ? event.updater_id : author_id;
    const words = wordsOf(comment);
    const files = attachments.map(({ file_name }) => file_name).filter((name) => name !== "");
    const facts = { at, by, words, files, isPublic };
    if (each === description) return [{ type: "created", ...facts }];
    return words === "" && files.length === 0 ? [] : [{ type: "commented", id, ...facts }];
  });
  const moved = [...children("Create"), ...children("Change")]
    .filter((child) => "status" in child)
    .flatMap((child): readonly Happening[] => {
      const { status: to, previous_value: before } = read(StatusChild, child);
      const from = isFirst || typeof before !== "string" ? "" : before.toLowerCase();
      return from === "" && !isOver(to) ? [] : [{ type: "moved", at, by: event.updater_id, from, to }];
    });
  const redacted = children("CommentRedactionEvent").map((child): Happening => {
    const { comment_id: comment } = read(RedactionChild, child);
    return { type: "redacted", comment, at, by: event.updater_id };
  });
  const madePrivate = children("CommentPrivacyChange").flatMap((child): readonly Happening[] => {
    const { comment_id: comment, public: isPublic } = read(PrivacyChild, child);
    return isPublic ? [] : [{ type: "made_private", comment, at, by: event.updater_id }];
  });
  const filesRedacted = children("AttachmentRedactionEvent").map((child): Happening => {
    const { comment_id: comment, attachment_id: attachment } = read(FileRedactionChild, child);
    return { type: "file_redacted", comment, attachment, at, by: event.updater_id };
  });
  return [...opened, ...said, ...moved, ...redacted, ...madePrivate, ...filesRedacted];
}

/** A call that was not recorded may have no text. */
function isComment({ event_type: type, ...child }: Child): boolean {
  return commentTypes.has(type) && (type === "Comment" || typeof child["body"] === "string");
}

/** Whether a comment is the description of its ticket, which is the first comment, by how it begins. */
export function isDescription({ description, created_at }: Ticket, at: string, words: string, withinMs = sameMomentMs): boolean {
  if (Math.abs(Date.parse(at) - Date.parse(created_at)) > withinMs) return false;
  return beginningOf(description) !== "" && beginningOf(description) === beginningOf(words);
}

/** What is compared of a description. */
export function beginningOf(words: string): string {
  return oneLine(words).slice(0, comparedLength).toWellFormed().trim();
}

/** HTML has links and lists; the plain form of it is left with entities. */
export function wordsOf({ html_body, plain_body, body }: Pick<Comment, "html_body" | "plain_body" | "body">): string {
  if (html_body !== "") return htmlToText(html_body);
  return (plain_body === "" ? body : plain_body).trim();
}

function read<Schema extends v.GenericSchema>(schema: Schema, child: Child): v.InferOutput<Schema> {
  return parseItem(schema, child, { ...zendesk, item: "ticket event" });
}
