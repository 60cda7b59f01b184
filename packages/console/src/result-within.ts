import type { ConsoleHost } from "@statewave-connectors/runner/console";

/** What an action resolved with, or undefined when it takes longer: then it continues, and a failure is logged. */
export function resultWithin<Result>(
  { clock, logger }: Pick<ConsoleHost, "clock" | "logger">,
  timeoutMs: number,
  acting: Promise<Result>,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const cancel = clock.after(timeoutMs, () => {
      isLate = true;
      resolve(undefined);
    });
    acting.then(resolve, (error: unknown) => {
      if (isLate) logger.warn("an action of the console failed after its page was sent", { error });
      reject(error);
    });
    void acting.finally(cancel).catch(() => undefined);
  });
}
