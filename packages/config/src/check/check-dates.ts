import { findImpossibleDates } from "../toml/toml-lines.ts";
import type { TomlPath } from "../toml/toml-path.ts";
import type { ProblemList } from "./problems.ts";

/** Reports every date of a text that is not a day of the calendar: JavaScript would read it as another day. `placed`: its path in all files. */
export function checkDates(text: string, problems: ProblemList, placed = (path: TomlPath) => path): void {
  for (const { path, date } of findImpossibleDates(text))
    problems.add(placed(path), `${date} is not a day of the calendar`, "correct the day or the month");
}
