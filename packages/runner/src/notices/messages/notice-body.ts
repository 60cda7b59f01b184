import type { NotifyEntry } from "@statewave-connectors/config/result";
import type { Downtime } from "../downtime.ts";
import { durationText } from "../duration-text.ts";
import type { NoticeReport, Outbox } from "./outbox.ts";

/** Who sends it, and when. */
export interface NoticeOrigin {
  readonly host: string;
  readonly nowMs: number;
}

/** What a message says. */
export type NoticeContent = Pick<Outbox, "reports" | "leftOut" | "downtime">;

/** A message shows so many reports at most; a person reads fewer than a program. */
const mostLines = 20;
const mostInJson = 200;

/** The body of a request, in the format of the entry. Pure. */
export function noticeBody(format: NotifyEntry["format"], content: NoticeContent, origin: NoticeOrigin): string {
  return JSON.stringify(format === "slack" ? slackMessage(lines(content, origin)) : jsonMessage(content, origin));
}

/** A message that says that it is only a test. */
export function testBody(format: NotifyEntry["format"], origin: NoticeOrigin): string {
  const text = `This is a test of notices, sent by \`doctor --test-notify\` on ${origin.host}. Nothing is wrong.`;
  if (format === "slack") return JSON.stringify(slackMessage([text]));
  return JSON.stringify({ ...jsonMessage({ reports: [], leftOut: 0 }, origin), test: true });
}

/** Nothing in it is parsed for links and mentions but what Slack marks with `<`, which is escaped. */
function slackMessage(texts: readonly string[]): object {
  const escaped = texts.join("\n").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return { text: escaped, mrkdwn: false, link_names: false, unfurl_links: false, unfurl_media: false };
}

function lines({ reports, leftOut, downtime }: NoticeContent, { host }: NoticeOrigin): readonly string[] {
  const shown = reports.slice(0, mostLines);
  const more = reports.length - shown.length + leftOut;
  return [
    `statewave-connectors on ${host}`,
    ...(downtime === undefined ? [] : downtimeLines(downtime)),
    ...shown.map(reportLine),
    ...(more > 0 ? [`and ${more} more: see \`statewave-connectors status\``] : []),
  ];
}

function reportLine({ type, event, text, sinceMs, endedAtMs = sinceMs, because }: NoticeReport): string {
  if (type === "began") return `BEGAN ${event}: ${text}`;
  if (because !== undefined) return `NO LONGER WATCHED ${event}: ${because}. It was: ${text}`;
  return `OVER ${event} after ${durationText(endedAtMs - sinceMs)}. It was: ${text}`;
}

function downtimeLines({ fromMs, toMs, missedDues, missedSources, waiting, oldestAcceptedAtMs }: Downtime): readonly string[] {
  const oldest =
    oldestAcceptedAtMs === undefined ? "" : `, the oldest accepted ${durationText(toMs - oldestAcceptedAtMs)} before the start`;
  return [
    `No process ran from ${iso(fromMs)} to ${iso(toMs)} (${durationText(toMs - fromMs)}).`,
    `Dues that passed meanwhile: ${missedDues}, of ${missedSources} sources.`,
    waiting === undefined ? "The inbox could not be read." : `Webhooks that waited in the inbox: ${waiting}${oldest}.`,
    "Webhooks that providers sent meanwhile are not known.",
  ];
}

function jsonMessage({ reports, leftOut, downtime }: NoticeContent, { host, nowMs }: NoticeOrigin): object {
  const shown = reports.slice(0, mostInJson);
  return {
    version: 1,
    sent_at: iso(nowMs),
    host,
    test: false,
    began: shown.filter(({ type }) => type === "began").map(reportJson),
    over: shown.filter(({ type }) => type === "over").map(reportJson),
    left_out: reports.length - shown.length + leftOut,
    ...(downtime !== undefined && {
      downtime: {
        from: iso(downtime.fromMs),
        to: iso(downtime.toMs),
        missed_dues: downtime.missedDues,
        missed_sources: downtime.missedSources,
        waiting_webhooks: downtime.waiting,
        oldest_accepted_at: downtime.oldestAcceptedAtMs === undefined ? undefined : iso(downtime.oldestAcceptedAtMs),
      },
    }),
  };
}

function reportJson({ id, event, entry, sinceMs, text, endedAtMs, because }: NoticeReport): object {
  return { id, event, entry, since: iso(sinceMs), text, ended_at: endedAtMs === undefined ? undefined : iso(endedAtMs), because };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
