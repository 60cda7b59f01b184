import type { RetentionConfig } from "@statewave-connectors/config/result";
import { compileOutcomes } from "../compile/compile-subject.ts";
import type { CompileObserver } from "../compile/compiler.ts";
import { type NoticeObserver, noticeOutcomes } from "../notices/messages/notice-sender.ts";
import type { RetentionOptions } from "../retention/retention.ts";
import type { OpenSeries } from "./open-series.ts";

/** Counts compiles. From now on the outcomes are there, at 0. */
export function compileObserver({ compileRequests, episodeSeconds }: OpenSeries): CompileObserver {
  for (const outcome of compileOutcomes) compileRequests.inc({ outcome }, 0);
  return {
    request: (outcome) => compileRequests.inc({ outcome }),
    compiled: (seconds) => episodeSeconds.observe({ stage: "compiled" }, seconds),
  };
}

/** Counts messages to these `[[notify]]`. From now on their outcomes are there, at 0. */
export function noticeObserver({ notices }: OpenSeries, names: readonly string[]): NoticeObserver {
  for (const notify of names) for (const outcome of noticeOutcomes) notices.inc({ notify, outcome }, 0);
  return { notice: (notify, outcome) => notices.inc({ notify, outcome }) };
}

/** Counts what is forgotten because of its age. From now on what is configured is there, at 0. */
export function forgottenObserver(
  { forgotten }: OpenSeries,
  { deadLettersMs, runsMs }: RetentionConfig,
): RetentionOptions["onForgotten"] {
  if (deadLettersMs !== undefined) forgotten.inc({ what: "dead_letters" }, 0);
  if (runsMs !== undefined) forgotten.inc({ what: "runs" }, 0);
  return (what, count) => forgotten.inc({ what }, count);
}
