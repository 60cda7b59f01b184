import { duration, secretUrl } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { kindPattern } from "./kind.ts";
import { isLoopbackHost } from "./listen-address.ts";
import { about } from "./pieces.ts";

/** What a notice may report. */
export const noticeEvents = [
  "source_failing",
  "sink_down",
  "dead_letters",
  "run_missing",
  "receiver_quiet",
  "cursor_standing",
  "watch_ending",
  "inbox_old",
  "state_unwritable",
  "disk_full",
  "downtime",
] as const;

const urlMessage = "expected an https URL without user name and password; http is taken only for a loopback address";

/** A `[[notify]]`. */
export const notifyTable = v.object({
  name: v.pipe(
    v.string(),
    v.regex(kindPattern, "expected a-z, 0-9, - and _, beginning with a letter or digit"),
    v.maxLength(64),
    about("Names it in logs, metrics and `doctor`, which never show the URL."),
  ),
  url: v.pipe(
    secretUrl({ protocols: ["https:", "http:"], message: urlMessage }),
    v.check((url) => isPrivateWay(url.reveal()), urlMessage),
    about("Where notices are sent with POST: https, or http to a loopback address."),
  ),
  format: v.pipe(
    v.optional(v.picklist(["slack", "json"]), "slack"),
    about(
      "`slack`: a text that Slack and compatible services show. `json`: an object for a program. It is not guessed from the URL.",
    ),
  ),
  events: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(noticeEvents)), v.minLength(1, "expected at least one event"))),
    about("What is reported: [the events](../guides/notices.md#what-is-reported). Default: all.", "list of events"),
  ),
});

/** `[runner.notices]`. */
export const noticesTable = v.object({
  settle: v.pipe(
    v.optional(duration({ leastMs: 100 }), "1m"),
    about("How long a trouble must last before it is reported, and be over before its end is.", "duration"),
  ),
  inbox_age: v.pipe(
    v.optional(duration({ leastMs: 1_000 }), "15m"),
    about("How long the oldest webhook may wait in the inbox before that is a trouble.", "duration"),
  ),
});

/** Whether no one on the way can read the URL, which is the credential. */
function isPrivateWay(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || isLoopbackHost(url.hostname.replace(/^\[|\]$/g, ""));
}
