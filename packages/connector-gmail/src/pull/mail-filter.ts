import type { MessageHead } from "../api-items.ts";

/** Which mails of a mailbox an entry keeps. */
export interface MailFilter {
  /** In the words of Gmail's search box; empty: all. */
  readonly query: string;
  readonly labelIds: readonly string[];
}

/** Labels of what is no mail, or not wanted, with the reason for the count. Gmail's own list leaves out the last two. */
const hidden: ReadonlyMap<string, string> = new Map([
  ["DRAFT", "draft"],
  ["CHAT", "chat"],
  ["SPAM", "spam"],
  ["TRASH", "trash"],
]);

/** Whether a mail appears in lists when it loses one of these labels. */
export function isHiding(labelId: string): boolean {
  return hidden.has(labelId);
}

/** Why a message is left out by its labels; undefined: it is kept. */
export function unwantedBecause(
  { labelIds }: Pick<MessageHead, "labelIds">,
  filter: Pick<MailFilter, "labelIds">,
): string | undefined {
  const label = [...hidden.keys()].find((each) => labelIds.includes(each));
  if (label !== undefined) return hidden.get(label);
  return filter.labelIds.every((each) => labelIds.includes(each)) ? undefined : "other_labels";
}

/** Operators of the search box that depend on labels: a mail may come into a query's results when one of its labels changes. */
const labelOperators = ["label:", "l:", "in:", "is:", "has:", "category:"];

/** Whether the results of a query depend on labels. */
export function dependsOnLabels(query: string): boolean {
  const words = query.toLowerCase();
  return labelOperators.some((operator) => words.includes(operator));
}

/** Words for the search box that all have to apply. */
export function allOf(query: string, ...terms: readonly (string | undefined)[]): string {
  const more = terms.filter((term) => term !== undefined && term !== "");
  if (query === "") return more.join(" ");
  return more.length === 0 ? query : [`(${query})`, ...more].join(" ");
}
