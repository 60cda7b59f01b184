import { cp, readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { questions } from "../questions/question-set.ts";

export const markdownCorpus = v.strictObject({ questions });

/** The documents were last saved a day apart, by path. */
const firstSavedMs = Date.UTC(2025, 0, 6, 9);
const dayMs = 86_400_000;

/** Copies the documents to where they are read, with times of saving that do not depend on the checkout. */
export async function copyDocuments(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  const entries = await readdir(to, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const [at, file] of files.toSorted().entries()) {
    const saved = new Date(firstSavedMs + at * dayMs);
    await utimes(file, saved, saved);
  }
}
