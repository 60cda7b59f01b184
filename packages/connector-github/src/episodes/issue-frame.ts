import type { Episode } from "@statewave-connectors/connector-sdk";
import { renewedMemory } from "@statewave-connectors/connector-sdk/memory";
import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import { answeredFields } from "./answered-fields.ts";
import { authorship, doerOf, loginOf, writerOf } from "./author.ts";
import { type Deed, type EpisodeParts, pointer, toEpisode } from "./episode-parts.ts";
import { firstLine, thingOf } from "./first-line.ts";
import type { Repository } from "../repository.ts";
import type { IssueRow } from "../rows.ts";

/** What happened to an issue or pull request. */
export interface IssueDeed extends Pick<EpisodeParts, "outcome"> {
  readonly event: string;
  readonly at: string;
  /** Who did it; absent: who wrote it. */
  readonly by?: Deed["by"];
  /** The first line up to the title, with the name of the item. */
  readonly say: (thing: string) => string;
  readonly body: string;
  /** What it made of the issue, the most precise words first: the memory of the opening is renewed with them. */
  readonly states?: readonly string[];
  /** Distinguishes one occurrence of a repeatable event from the next. */
  readonly discriminator?: readonly string[];
}

/** The episode of what happened to an issue or pull request. */
export function issueEpisode(repository: Repository, row: IssueRow, deed: IssueDeed): Episode {
  const isPull = row.pull_request !== undefined;
  const prefix = isPull ? "pr" : "issue";
  const thing = thingOf(repository.fullName, row.number, isPull ? "pull request" : "issue");
  const { event, at, say, body, states, outcome, discriminator = [] } = deed;
  const memory = states && renewedMemory(openedEpisode(repository, row).text, ...states);
  const kind = `github.${prefix}.${event}`;
  return toEpisode(repository, {
    kind,
    line: firstLine(thing, row.title, say),
    body,
    at,
    title: row.title,
    session: row.number,
    author: deed.by === undefined ? writerOf(row) : doerOf(deed.by, row),
    ...(outcome !== undefined && { outcome }),
    ...(memory !== undefined && { memory }),
    source: pointer(isPull ? "github.pull_request" : "github.issue", thing.ref, row.html_url),
    keyParts: [prefix, row.number, kind, ...discriminator],
    metadata: { number: row.number, ...authorship(row.user), labels: row.labels, ...stateAt(event, row) },
  });
}

/** The opening of an issue or pull request. */
export function openedEpisode(repository: Repository, row: IssueRow): Episode {
  const branches = branchesOf(row);
  return issueEpisode(repository, row, {
    event: "opened",
    at: row.created_at,
    say: (thing) => `${loginOf(row.user)} opened ${thing}`,
    body: [answeredFields(row.body), ...(branches === "" ? [] : [`It goes ${branches}.`]), ...draftAtOpening(row)].join("\n\n"),
  });
}

/** What a deed made of an issue, for `states`: since when it was there, what happened, when and by whom. */
export function statesAfter(row: IssueRow, verb: string, { by, at }: Deed, detail = ""): readonly string[] {
  const done = (what: string) => `${what} on ${at.slice(0, 10)}${by === null || by === undefined ? "" : ` by ${by.login}`}`;
  const since = `on ${row.created_at.slice(0, 10)}; `;
  return [...(detail === "" ? [] : [since + done(`${verb} ${detail}`)]), since + done(verb), done(verb)];
}

/** {@link statesAfter} an end: with the milestone, which mostly is the version that contains the change. */
export function statesOfEnd(row: IssueRow, verb: string, deed: Deed, detail = ""): readonly string[] {
  const states = statesAfter(row, verb, deed, detail);
  const milestone = milestoneOf(row);
  return milestone === "" ? states : [`${states[0] ?? ""}, milestone ${milestone}`, ...states];
}

const maxMilestone = 60;

function milestoneOf({ milestone }: Pick<IssueRow, "milestone">): string {
  return shorten(oneLine(milestone?.title ?? ""), maxMilestone);
}

/** The first text of an opening stays, so it says nothing of the day on which it was read. */
function stateAt(event: string, { state, state_reason: reason, draft }: IssueRow): Readonly<Record<string, unknown>> {
  return event === "opened" ? {} : { state, state_reason: reason ?? undefined, ...(draft === true && { draft }) };
}

/** Only of a pull request that did not change since: a draft of today may have become one later. */
function draftAtOpening({ draft, created_at: created, updated_at: updated }: IssueRow): readonly string[] {
  return draft === true && created === updated ? ["It was opened as a draft."] : [];
}

/** What an end says of the beginning. The body is not repeated: Statewave would take the end for a newer version of the opening. */
export function origin(row: IssueRow): string {
  return [`Opened by ${loginOf(row.user)} on ${row.created_at.slice(0, 10)}`, branchesOf(row)].filter(Boolean).join(", ") + ".";
}

/** What an end says: {@link origin}, and the milestone. */
export function endOf(row: IssueRow): string {
  const milestone = milestoneOf(row);
  return milestone === "" ? origin(row) : `${origin(row)} Milestone: ${milestone}.`;
}

/** Where the commits of a pull request come from and go to. Only its webhooks show it. */
function branchesOf({ head, base }: Pick<IssueRow, "head" | "base">): string {
  return head === undefined || base === undefined ? "" : `from \`${head.ref}\` into \`${base.ref}\``;
}
