import { cp, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { questions } from "../questions/question-set.ts";

/** What a document said before it said what it says now; the first run meets the earlier words. */
const edit = v.strictObject({ in: v.string(), was: v.string(), now: v.string() });

type Edit = v.InferOutput<typeof edit>;

export const markdownCorpus = v.strictObject({ questions, edits: v.optional(v.array(edit), []) });

export type MarkdownCorpus = v.InferOutput<typeof markdownCorpus>;

/** The documents were last saved a day apart, by path, and edited ones again after all of them. */
const firstSavedMs = Date.UTC(2025, 0, 6, 9);
const dayMs = 86_400_000;

/** Documents in the folder where they are read. */
export interface WrittenDocuments {
  /** Makes them what they are now. */
  readonly edit: () => Promise<void>;
}

/** Copies the documents as they were before their edits, with times of saving that do not depend on the checkout. */
export async function writeDocuments(from: string, to: string, edits: readonly Edit[]): Promise<WrittenDocuments> {
  await cp(from, to, { recursive: true });
  const entries = await readdir(to, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const edited = [...Map.groupBy(edits, (one) => one.in)].map(([path, ofFile]) => ({ path: join(to, path), edits: ofFile }));
  const now = await Promise.all(edited.map(({ path }) => readFile(path, "utf8")));
  for (const [at, { path, edits: ofFile }] of edited.entries()) await writeFile(path, beforeEdits(now[at] ?? "", ofFile));
  for (const [at, file] of files.toSorted().entries()) await save(file, at);
  return {
    edit: async () => {
      for (const [at, { path }] of edited.entries()) {
        await writeFile(path, now[at] ?? "");
        await save(path, files.length + at);
      }
    },
  };
}

function beforeEdits(text: string, edits: readonly Edit[]): string {
  return edits.reduce((current, { in: path, was, now }) => {
    const parts = current.split(now);
    if (parts.length !== 2) throw new Error(`${path} holds ${parts.length - 1} times what an edit made of it: ${now}`);
    return parts.join(was);
  }, text);
}

async function save(file: string, day: number): Promise<void> {
  const saved = new Date(firstSavedMs + day * dayMs);
  await utimes(file, saved, saved);
}
