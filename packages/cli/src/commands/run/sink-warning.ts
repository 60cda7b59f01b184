import type { HealthReport } from "@statewave-connectors/runner";
import { oneLine } from "../../terminal/clean-terminal.ts";

/** What to print during a run that a running process carries out while its sink takes nothing: it waits without a word. */
export function sinkWarning(health: Pick<HealthReport, "sink"> | undefined): string {
  if (health === undefined || health.sink.status === "ok" || health.sink.status === "unknown") return "";
  return `warning: the running process reports its sink as ${health.sink.status}: ${oneLine(health.sink.detail)}\n`;
}

const lookEveryMs = 5_000;

/** Looks at the sink every five seconds until it has a warning to write. Answers how to end that. */
export function warnOfSink(health: () => Promise<HealthReport | undefined>, write: (warning: string) => void): () => void {
  const timer = setInterval(() => {
    void health().then(
      (report) => {
        const warning = sinkWarning(report);
        if (warning === "") return;
        clearInterval(timer);
        write(warning);
      },
      () => undefined,
    );
  }, lookEveryMs);
  return () => clearInterval(timer);
}
