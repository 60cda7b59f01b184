/** Signals that must not end a runner: SIGHUP would, and SIGUSR1 would open Node's debugger to every user of this machine. */
export const idleSignals = ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/** Ends the holding of signals, and answers those that have arrived. */
export type TakeHeldSignals = () => readonly NodeJS.Signals[];

/**
 * Holds the signals that must not end a runner, for `run` only. For the first lines of a program: the rest of it takes a moment to load.
 * Imports nothing, for the same reason.
 */
export function holdSignals(args: readonly string[]): TakeHeldSignals {
  const names = args[0] === "run" ? idleSignals : [];
  const held: NodeJS.Signals[] = [];
  const hold = (signal: NodeJS.Signals) => void held.push(signal);
  for (const name of names) process.on(name, hold);
  return () => {
    for (const name of names) process.off(name, hold);
    return held.splice(0);
  };
}
