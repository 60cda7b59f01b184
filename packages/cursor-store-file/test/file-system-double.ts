import { type CursorFileSystem, machineFileSystem } from "../src/file-system.ts";

/** The machine's file system, with a log of what is done and a place to step in before each step. */
export function observedFileSystem(before: (step: keyof CursorFileSystem) => void | Promise<void> = () => undefined) {
  const log: (keyof CursorFileSystem)[] = [];
  const observe = async (step: keyof CursorFileSystem, act: () => Promise<void>) => {
    log.push(step);
    await before(step);
    await act();
  };
  const writeNew = async (path: string, pieces: Iterable<string>, replaced?: string) => {
    try {
      await observe("writeNew", () => machineFileSystem.writeNew(path, pieces, replaced));
    } catch (error) {
      // A write that fails leaves what it has written so far.
      await machineFileSystem.writeNew(path, ['{"half']);
      throw error;
    }
  };
  const fileSystem: CursorFileSystem = {
    writeNew,
    append: (path, text) => observe("append", () => machineFileSystem.append(path, text)),
    rename: (from, to) => observe("rename", () => machineFileSystem.rename(from, to)),
    syncFolder: (path) => observe("syncFolder", () => machineFileSystem.syncFolder(path)),
    remove: (path) => machineFileSystem.remove(path),
  };
  return { fileSystem, log, writes: () => log.filter((step) => step === "rename").length };
}

/** An error as the operating system reports it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: the disk says no`), { code });
}
