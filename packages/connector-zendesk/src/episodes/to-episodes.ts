import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import { foldPlainText, headline, messageText, oneLine } from "@statewave-connectors/connector-sdk/text";
import { type Happening, ignoresStatus, isInWork, isOver } from "./happening.ts";
import { type Person, personOf } from "./people.ts";
import { nameIn, type Scope, type Story, unwantedBecause } from "./story.ts";
import { subjectOf } from "./subject.ts";
import { isMerged } from "./ticket-happenings.ts";

/** The episodes of a story, and why the rest of it makes none. */
export interface Mapped {
  readonly episodes: readonly Episode[];
  readonly skipped: readonly string[];
}

/** Pull and push map with this one function, so that what is seen both ways has one key. */
export function toEpisodes(story: Story, scope: Scope): Mapped {
  const mapped = story.happenings.map(
    (happening) => unwantedBecause(story, scope, !ignoresStatus(happening.type)) ?? toEpisode(happening, story, scope),
  );
  return {
    episodes: mapped.filter((each) => typeof each === "object"),
    skipped: mapped.filter((each) => typeof each === "string"),
  };
}

/** What the episode of one happening has of its own. */
interface EpisodePart {
  readonly kind: string;
  readonly text: string;
  /** Behind `zendesk`, the account and the ticket. */
  readonly key: readonly (string | undefined)[];
  /** Absent: nothing says who did it. */
  readonly who?: Person;
  readonly comment_id?: string;
  readonly outcome?: NonNullable<Episode["outcome"]>;
}

function toEpisode(happening: Happening, story: Story, scope: Scope): Episode | string {
  const part = partOf(happening, story, scope);
  if (typeof part === "string") return part;
  const { ticket, names } = story;
  const { subdomain } = scope;
  const title = oneLine(ticket.subject);
  const places = [nameIn(names.brands, ticket.brand_id), nameIn(names.organizations, ticket.organization_id)];
  const breadcrumb = places.filter((name) => name !== undefined && name !== "");
  return {
    subject: subjectOf(ticket, scope),
    kind: `zendesk.${part.kind}`,
    text: part.text,
    occurred_at: happening.at,
    source: {
      type: part.comment_id === undefined ? "zendesk.ticket" : "zendesk.comment",
      id: part.comment_id === undefined ? `ticket:${ticket.id}` : `ticket:${ticket.id}:comment:${part.comment_id}`,
      url: `https://${subdomain}.zendesk.com/agent/tickets/${ticket.id}`,
    },
    idempotency_key: idempotencyKey("zendesk", subdomain, ticket.id, ...part.key),
    ...withoutUndefined({
      title: title === "" ? undefined : title,
      // Statewave ranks by a breadcrumb instead of the title, so it holds the title.
      breadcrumb: breadcrumb.length === 0 ? undefined : [...breadcrumb, ...(title === "" ? [] : [title])].join(" > "),
      author: part.who?.author,
      outcome: part.outcome,
    }),
    session: `zendesk-${subdomain}-${ticket.id}`,
    metadata: withoutUndefined({
      subdomain,
      ticket_id: ticket.id,
      comment_id: part.comment_id,
      requester_id: ticket.requester_id,
      organization_id: ticket.organization_id,
      brand_id: ticket.brand_id,
      actor_id: "by" in happening ? happening.by : undefined,
    }),
  };
}

function partOf(happening: Happening, story: Story, scope: Scope): EpisodePart | string {
  switch (happening.type) {
    case "created":
      return created(happening, story, scope);
    case "commented":
      return commented(happening, story, scope);
    case "attached":
      return attachmentAdded(happening, story, scope);
    case "moved":
      return moved(happening, story);
    case "rated":
      return rated(happening, story);
    case "merged": {
      const text = headline("A ticket was merged into another", story.ticket.subject);
      return { kind: "ticket.merged", text, key: ["merged"], outcome: { status: "merged" } };
    }
    case "deleted": {
      const { at, by, how } = happening;
      const status = how === "marked as spam" ? "spam" : "deleted";
      const text = headline(`A ticket was ${how}`, story.ticket.subject);
      return { kind: "ticket.deleted", text, key: ["deleted", how, at], who: personOf(by, story), outcome: { status } };
    }
    case "restored": {
      const text = headline("A deleted ticket was restored", story.ticket.subject);
      return { kind: "ticket.restored", text, key: ["restored", happening.at], who: personOf(happening.by, story) };
    }
    case "redacted": {
      const { by, comment } = happening;
      const who = personOf(by, story);
      const text = headline(`${who.label} redacted a comment`, story.ticket.subject);
      // A comment may be redacted several times: one key for all of them.
      return { kind: "comment.redacted", text, key: ["comment", comment, "redacted"], who, comment_id: comment };
    }
    case "made_private": {
      const { by, comment } = happening;
      const who = personOf(by, story);
      const text = headline(`${who.label} made a comment private`, story.ticket.subject);
      return { kind: "comment.made_private", text, key: ["comment", comment, "made private"], who, comment_id: comment };
    }
    case "file_redacted": {
      const { by, comment, attachment } = happening;
      const who = personOf(by, story);
      const text = headline(`${who.label} redacted an attachment`, story.ticket.subject);
      return { kind: "attachment.redacted", text, key: ["attachment", attachment, "redacted"], who, comment_id: comment };
    }
  }
}

type Of<Type extends Happening["type"]> = Extract<Happening, { readonly type: Type }>;

function created({ by, words, files, isPublic }: Of<"created">, story: Story, scope: Scope): EpisodePart {
  const who = personOf(by, story);
  const isShown = isPublic || scope.internal_notes;
  const first = headline(`${who.label} opened a ticket`, story.ticket.subject);
  const body = isShown ? withFiles(words, files) : "";
  return { kind: "ticket.created", text: foldPlainText(first, body), key: ["created"], who };
}

function commented({ id, by, words, files, isPublic }: Of<"commented">, story: Story, scope: Scope): EpisodePart | string {
  if (!isPublic && !scope.internal_notes) return "internal_note";
  const who = personOf(by, story);
  const lead = `${who.label} ${isPublic ? "replied" : "noted"}`;
  return {
    kind: isPublic ? "comment.posted" : "comment.internal_note",
    text: messageText({ lead, words: withFiles(words, files), about: aboutTicket(story) }),
    key: ["comment", id],
    who,
    comment_id: id,
  };
}

/** Of a comment that was pushed: an event of it does not name what is attached. */
function attachmentAdded({ id, comment, by, file, isPublic }: Of<"attached">, story: Story, scope: Scope): EpisodePart | string {
  if (!isPublic && !scope.internal_notes) return "internal_note";
  const who = personOf(by, story);
  const text = messageText({ lead: `${who.label} attached`, words: oneLine(file), about: aboutTicket(story) });
  return { kind: "attachment.added", text, key: ["attachment", id], who, comment_id: comment };
}

function aboutTicket({ ticket }: Story): string | undefined {
  const subject = oneLine(ticket.subject);
  return subject === "" ? undefined : `re: ${subject}`;
}

/** Solved, closed or reopened; other moves say nothing that lasts. */
function moved({ at, by, from, to }: Of<"moved">, story: Story): EpisodePart | string {
  if (to === "closed" && isMerged(story.ticket)) return "merged";
  const isEnd = isOver(to) && from !== "deleted";
  const isReopened = isOver(from) && isInWork(to);
  if (from === to || !(isEnd || isReopened)) return "status_in_between";
  const word = isOver(to) ? to : "reopened";
  const who = personOf(by, story);
  const text = headline(`${who.label} ${word} the ticket`, story.ticket.subject);
  return { kind: `ticket.${word}`, text, key: [word, at], who, outcome: { status: word } };
}

function rated({ id, isGood, words }: Of<"rated">, story: Story): EpisodePart {
  const { requester_id, subject } = story.ticket;
  const who = requester_id === undefined ? { label: "Someone" } : personOf(requester_id, story);
  const lead = `${who.label} rated the support ${isGood ? "good" : "bad"}`;
  const text = words === "" ? headline(lead, subject) : messageText({ lead, words, about: subject });
  // A comment may be added to a rating later.
  const key = ["rated", id, isGood ? "good" : "bad", words === "" ? undefined : "commented"];
  return { kind: "ticket.rated", text, key, who, outcome: { status: isGood ? "rated good" : "rated bad" } };
}

function withFiles(words: string, files: readonly string[]): string {
  const attached = files.length === 0 ? "" : `Attached: ${files.map(oneLine).join(", ")}`;
  return [words, attached].filter((part) => part !== "").join("\n\n");
}
