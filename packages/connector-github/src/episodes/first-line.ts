import { headline, shorten } from "@statewave-connectors/connector-sdk/text";

/** What an episode is about, as its first line calls it. */
export interface Thing {
  /** `acme/widgets#42`, by which people search for it. */
  readonly ref: string;
  /** What it may be called, the best one first. */
  readonly names: readonly string[];
}

/** Behind a longer lead the title would not begin within the first 60 characters. */
const maxLead = 58;
const maxTitleBeforeRef = 120;

/** An issue, pull request or discussion. */
export function thingOf(fullName: string, number: number, word: "issue" | "pull request" | "discussion"): Thing {
  const ref = `${fullName}#${number}`;
  const short = word === "pull request" ? "PR" : word;
  return { ref, names: [`${word} ${ref}`, `${short} ${ref}`, `${short} ${nameOf(fullName)}#${number}`, `${short} #${number}`] };
}

/** A repository as the place of what happened: `of acme/widgets`. */
export function placeOf(fullName: string): Thing {
  return { ref: fullName, names: [`of ${fullName}`, `of ${nameOf(fullName)}`, ""] };
}

/** Who did what to which item, then its title. A name that is too long for both is shortened, and stands behind the title. */
export function firstLine({ ref, names }: Thing, title: string, say: (thing: string) => string): string {
  const leads = names.map((name) => say(name));
  if (title.trim() === "") return headline(leads[0] ?? "");
  const lead = leads.find(({ length }) => length <= maxLead) ?? leads.at(-1) ?? "";
  return headline(lead, lead.includes(ref) ? title : `${shorten(title, maxTitleBeforeRef)} (${ref})`);
}

function nameOf(fullName: string): string {
  return fullName.slice(fullName.indexOf("/") + 1);
}
