const nicknames: Readonly<Record<string, string>> = {
  yearly: "0 0 1 1 *",
  annually: "0 0 1 1 *",
  monthly: "0 0 1 * *",
  weekly: "0 0 * * 0",
  daily: "0 0 * * *",
  midnight: "0 0 * * *",
  hourly: "0 * * * *",
};

const interval = /^(?:@?every)?(\d{1,12})?([a-z]{1,10})$/;
/** How people write the units of an interval. */
const unitPattern = /^(?:(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?))$/;
const unitLetters = ["s", "m", "h", "d"];

/** The schedule that a nickname or another spelling of an interval means; undefined when that is not certain. */
export function meantSchedule(text: string): string | undefined {
  const folded = text.trim().toLowerCase();
  const nickname = folded.replace(/^@/, "");
  if (Object.hasOwn(nicknames, nickname)) return nicknames[nickname];
  const match = interval.exec(folded.replaceAll(/\s/g, ""));
  const unit =
    unitLetters[
      unitPattern
        .exec(match?.[2] ?? "")
        ?.slice(1)
        .findIndex((letter) => letter !== undefined) ?? -1
    ];
  if (match === null || unit === undefined) return withoutQuestionMarks(folded);
  const count = match[1] ?? (folded.includes("every") ? "1" : "");
  // An upper-case M may mean months.
  return count === "" || Number(count) === 0 || /\dM$/.test(text.trim()) ? undefined : `every ${Number(count)}${unit}`;
}

/** Quartz writes `?` for a day that is not said. */
function withoutQuestionMarks(text: string): string | undefined {
  const fields = text.split(/\s+/);
  if ((fields.length !== 5 && fields.length !== 6) || !fields.includes("?")) return undefined;
  return fields.map((field) => (field === "?" ? "*" : field)).join(" ");
}
