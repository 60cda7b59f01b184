import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";

const maxLines = 2000;
const maxAttendees = 10;
const maxValue = 200;

/** One line of a calendar: `DTSTART;TZID=Europe/Berlin:20261203T140000`. */
interface Property {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly value: string;
}

const verbs: ReadonlyMap<string, string> = new Map([
  ["REQUEST", "Invitation"],
  ["CANCEL", "Cancelled"],
  ["COUNTER", "New time proposed"],
  ["DECLINECOUNTER", "Proposed time declined"],
]);

const answers: ReadonlyMap<string, string> = new Map([
  ["ACCEPTED", "accepted"],
  ["DECLINED", "declined"],
  ["TENTATIVE", "tentatively accepted"],
  ["DELEGATED", "delegated"],
]);

/**
 * What the first event of a calendar is, in one line: what, when, where, who.
 *
 * @example "Invitation: Budget review, 2026-12-03 14:00 to 15:00 (Europe/Berlin), Room 1; organized by Ann Lee; with Ben Ode"
 */
export function summarizeCalendar(text: string): string {
  const { method, event } = readEvent(text);
  if (event.length === 0) return text.includes("BEGIN:VCALENDAR") ? "" : text.trim();
  const value = (name: string) => textOf(event.find((property) => property.name === name)?.value);
  const organizer = event.find(({ name }) => name === "ORGANIZER");
  const attendees = event.filter(({ name }) => name === "ATTENDEE");
  const what = [
    value("SUMMARY") || "an event without a title",
    whenOf(event),
    repeatsOf(value("RRULE")),
    value("LOCATION"),
  ].filter((part) => part !== "");
  const isReply = method === "REPLY";
  const people = [
    organizer === undefined ? "" : `organized by ${personOf(organizer)}`,
    attendees.length === 0 || isReply ? "" : `with ${namesOf(attendees)}`,
  ].filter((part) => part !== "");
  const isCancelled = method === "CANCEL" || value("STATUS").toUpperCase() === "CANCELLED";
  const lead = isReply ? replyOf(attendees) : isCancelled ? "Cancelled" : (verbs.get(method) ?? "Event");
  return [`${lead}: ${what.join(", ")}`, ...people].join("; ");
}

function readEvent(text: string): { readonly method: string; readonly event: readonly Property[] } {
  let method = "";
  const event: Property[] = [];
  let depth = 0;
  for (const line of text.replaceAll(/\n[ \t]/g, "").split("\n", maxLines)) {
    const property = propertyOf(line);
    if (property === undefined) continue;
    const { name, value } = property;
    const isEvent = /^(?:VEVENT|VTODO|VJOURNAL)$/i.test(value.trim());
    if (name === "METHOD") method = value.trim().toUpperCase();
    else if (name === "BEGIN" && (depth > 0 || isEvent)) depth += 1;
    else if (name === "END" && depth > 0) {
      depth -= 1;
      if (depth === 0) break;
    } else if (depth === 1) event.push(property);
  }
  return { method, event };
}

function propertyOf(line: string): Property | undefined {
  const colon = colonAt(line);
  if (colon === -1) return undefined;
  const [name = "", ...rest] = line.slice(0, colon).split(";");
  const parameters: Record<string, string> = Object.create(null);
  for (const each of rest) {
    const sign = each.indexOf("=");
    if (sign > 0) parameters[each.slice(0, sign).toUpperCase()] = each.slice(sign + 1).replaceAll('"', "");
  }
  return { name: name.trim().toUpperCase(), parameters, value: line.slice(colon + 1) };
}

/** A quoted parameter may hold colons. */
function colonAt(line: string): number {
  let isQuoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') isQuoted = !isQuoted;
    else if (character === ":" && !isQuoted) return at;
  }
  return line.indexOf(":");
}

function textOf(value = ""): string {
  const plain = value.replaceAll(/\\([nN,;\\])/g, (_, character: string) => (character.toLowerCase() === "n" ? " " : character));
  return shorten(oneLine(plain), maxValue);
}

function personOf({ parameters, value }: Property): string {
  const name = textOf(parameters["CN"]);
  return name === "" ? textOf(value.replace(/^mailto:/i, "")) : name;
}

function namesOf(attendees: readonly Property[]): string {
  const names = attendees.slice(0, maxAttendees).map((attendee) => personOf(attendee));
  const others = attendees.length - names.length;
  return [...names, ...(others > 0 ? [`${others} more`] : [])].join(", ");
}

function replyOf(attendees: readonly Property[]): string {
  const [attendee] = attendees;
  if (attendee === undefined) return "Reply";
  const answer = answers.get((attendee.parameters["PARTSTAT"] ?? "").toUpperCase()) ?? "replied";
  return `${personOf(attendee)} ${answer}`;
}

function whenOf(event: readonly Property[]): string {
  const start = event.find(({ name }) => name === "DTSTART") ?? event.find(({ name }) => name === "DUE");
  if (start === undefined) return "";
  const [from, to] = [timeOf(start.value), timeOf(event.find(({ name }) => name === "DTEND")?.value)];
  if (from === undefined) return "";
  const zone = from.time === "" ? "" : from.isUtc ? " (UTC)" : zoneOf(start);
  return `${[from.date, from.time].join(" ").trim()}${endOf(from, to)}${zone}`;
}

interface CalendarTime {
  readonly date: string;
  /** Empty for a whole day. */
  readonly time: string;
  readonly isUtc: boolean;
}

function timeOf(value = ""): CalendarTime | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{0,2}(Z?))?$/i.exec(value.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, zone = ""] = match;
  return { date: `${year}-${month}-${day}`, time: hour === undefined ? "" : `${hour}:${minute}`, isUtc: zone !== "" };
}

function endOf(from: CalendarTime, to: CalendarTime | undefined): string {
  // The end of whole days is the day behind the last one.
  if (to === undefined || to.time === "" || from.time === "") return "";
  if (to.date === from.date) return to.time === from.time ? "" : ` to ${to.time}`;
  return ` to ${to.date} ${to.time}`;
}

function zoneOf({ parameters }: Property): string {
  const zone = textOf(parameters["TZID"]);
  return zone === "" ? "" : ` (${zone})`;
}

const frequencies = new Set(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);

function repeatsOf(rule: string): string {
  const frequency = /(?:^|;)FREQ=([A-Z]{5,8})/i.exec(rule)?.[1]?.toUpperCase() ?? "";
  return frequencies.has(frequency) ? `repeats ${frequency.toLowerCase()}` : "";
}
