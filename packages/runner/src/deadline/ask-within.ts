import type { Clock } from "@statewave-connectors/connector-sdk";

/**
 * Makes a question that may hang one that does not: it answers undefined when `ask` fails or takes longer than `timeoutMs`. A question
 * that still hangs is not asked again beside itself.
 */
export function askWithin<Answer>(
  ask: () => Promise<Answer>,
  timeoutMs: number,
  clock: Clock,
): () => Promise<Answer | undefined> {
  let pending: Promise<Answer | undefined> | undefined;
  const askOnce = async () => {
    try {
      return await ask();
    } catch {
      return undefined;
    } finally {
      pending = undefined;
    }
  };
  return () =>
    new Promise((resolve) => {
      const cancel = clock.after(timeoutMs, () => resolve(undefined));
      pending ??= askOnce();
      void pending.then((answer) => {
        cancel();
        resolve(answer);
      });
    });
}
