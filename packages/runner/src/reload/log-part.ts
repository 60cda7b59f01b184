import type { Logger } from "@statewave-connectors/connector-sdk";
import type { ReloadedPart } from "./reload-report.ts";

/** Logs what a reload did with one entry or setting. */
export function logPart(logger: Logger, { subject, result, because, error }: ReloadedPart): void {
  switch (result) {
    case "failed":
      logger.error("a change cannot be applied, and its entry stays as it was", { subject, error });
      return;
    case "restart":
      logger.warn("a change needs a restart", { subject, ...(because !== undefined && { because }) });
      return;
    case "added":
    case "changed":
    case "removed":
      logger.info("a change is applied", { subject, result });
  }
}
