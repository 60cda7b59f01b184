import { findImpossibleDates } from "../toml/toml-lines.ts";
import type { ProblemList } from "./problems.ts";

/** Reports every date of a text that is not a day of the calendar: JavaScript would read it as another day. */
export function checkDates(text: string, problems: ProblemList): void {
  for (const { path, date } of findImpossibleDates(text))
    problems.add(path, `${date} is not a day of the calendar`, "correct the day or the month");
}
