import { setTimeout as delay } from "node:timers/promises";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { OpenedOperations, Operations } from "@statewave-connectors/runner";

/** Operations whose state is closed while a person is waited for. */
export interface HeldOperations extends Operations {
  /** Closes the state until `wait` has ended: a runner may start meanwhile, and then carries out what follows. */
  whileClosed<Result>(wait: () => Promise<Result>): Promise<Result>;
}

/** Opens operations. After `whileClosed` the next of them opens the state again, through the runner that holds it by then. */
export async function holdOperations(
  open: () => Promise<OpenedOperations>,
  { pause = delay }: { readonly pause?: (ms: number) => Promise<unknown> } = {},
): Promise<{ readonly operations: HeldOperations; close(): Promise<void> }> {
  let opened: Promise<OpenedOperations> | undefined = open();
  const close = async () => {
    const closing = opened;
    opened = undefined;
    const held = await closing?.catch(() => undefined);
    await held?.close();
  };
  const whileClosed = async <Result>(wait: () => Promise<Result>): Promise<Result> => {
    await close();
    return wait();
  };
  const methods = delegate((await opened).operations, async () => (await (opened ??= openAgain(open, pause))).operations);
  return { operations: { ...methods, whileClosed }, close };
}

const attempts = 50;
const pauseMs = 100;

/** Another command may hold the state for a moment, as this one did. */
async function openAgain(
  open: () => Promise<OpenedOperations>,
  pause: (ms: number) => Promise<unknown>,
): Promise<OpenedOperations> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open();
    } catch (error) {
      if (attempt === attempts || !isConnectorsError(error) || !error.code.endsWith("_LOCKED")) throw error;
      await pause(pauseMs);
    }
  }
}

/** The methods of `first`, also those of its parts, each of which is called on what is open by then. */
function delegate<Methods extends object>(first: Methods, current: () => Promise<Methods>): Methods {
  const methods = Object.entries(first).map(([name, value]: [string, unknown]) => {
    const key = name as keyof Methods;
    if (typeof value === "object" && value !== null)
      return [name, delegate(value, async () => (await current())[key] as object)] as const;
    const call = async (...request: readonly unknown[]): Promise<unknown> => {
      const target = await current();
      return Reflect.apply(target[key] as (...request: readonly unknown[]) => unknown, target, request);
    };
    return [name, call] as const;
  });
  return Object.fromEntries(methods) as Methods;
}
