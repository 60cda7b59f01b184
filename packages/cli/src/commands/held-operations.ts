import type { OpenedOperations, Operations } from "@statewave-connectors/runner/operations";

/** Operations whose state is closed while a person is waited for. */
export interface HeldOperations extends Operations {
  /** Closes the state until `wait` has ended: a runner may start meanwhile, and then carries out what follows. */
  whileClosed<Result>(wait: () => Promise<Result>): Promise<Result>;
}

/** Opens operations. After `whileClosed` the next of them opens the state again, through the runner that holds it by then. */
export async function holdOperations(
  open: () => Promise<OpenedOperations>,
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
  const methods = delegate((await opened).operations, async () => (await (opened ??= open())).operations);
  return { operations: { ...methods, whileClosed }, close };
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
