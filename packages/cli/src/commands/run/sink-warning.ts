import type { HealthReport } from "@statewave-connectors/runner";
import { oneLine } from "../../terminal/clean-terminal.ts";

/** The warning for a sync in a running process whose sink takes nothing; without it the command waits silently. */
export function sinkWarning(health: Pick<HealthReport, "sink"> | undefined): string {
  if (health === undefined || health.sink.status === "ok" || health.sink.status === "unknown") return "";
  return `warning: the running process reports its sink as ${health.sink.status}: ${oneLine(health.sink.detail)}\n`;
}

const lookEveryMs = 5_000;

/** Checks the sink every five seconds until there is a warning to write. Returns a function that stops it. */
export function warnOfSink(health: () => Promise<HealthReport | undefined>, write: (warning: string) => void): () => void {
  let isEnded = false;
  const timer = setInterval(() => {
    void health().then(
      (report) => {
        const warning = sinkWarning(report);
        // This look took longer than the next one, or than the run.
        if (warning === "" || isEnded) return;
        end();
        write(warning);
      },
      () => undefined,
    );
  }, lookEveryMs);
  const end = () => {
    isEnded = true;
    clearInterval(timer);
  };
  return end;
}
