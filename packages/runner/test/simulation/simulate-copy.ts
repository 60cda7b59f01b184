import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { SeededFault } from "./seeded-faults.ts";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));
/** What the simulation loads. */
const copied = ["runner", "connector-sdk", "config", "redact", "cursor-store-memory", "inbox-memory", "testing"];

/** Copies the source of the packages, so that a defect can be written into it. */
export function copySource(folder: string): void {
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  for (const name of copied) {
    const [from, to] = [join(repository, "packages", name), join(folder, "packages", name)];
    mkdirSync(to, { recursive: true });
    cpSync(join(from, "package.json"), join(to, "package.json"));
    cpSync(join(from, "src"), join(to, "src"), { recursive: true });
    // Its links are relative: those to packages lead into the copy.
    cpSync(join(from, "node_modules"), join(to, "node_modules"), { recursive: true, verbatimSymlinks: true });
  }
  const simulation = "packages/runner/test/simulation";
  cpSync(join(repository, simulation), join(folder, simulation), { recursive: true });
}

/** Writes a defect into the copy; the returned function takes it out again. */
export function seedFault(folder: string, { file, find, replace }: SeededFault): () => void {
  const path = join(folder, "packages", file);
  const source = readFileSync(path, "utf8");
  if (source.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`);
  writeFileSync(path, source.replace(find, replace));
  return () => writeFileSync(path, source);
}

/** Runs the simulation of the copy until a promise is broken; resolves with its last line. */
export async function simulateCopy(folder: string, seeds: number): Promise<{ readonly code: number; readonly last: string }> {
  const program = join(folder, "packages/runner/test/simulation/simulate.ts");
  const args = ["--conditions=@statewave-connectors/source", program, "--seeds", String(seeds)];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { code: code as number, last: output.trimEnd().split("\n").at(-1) ?? "" };
}
