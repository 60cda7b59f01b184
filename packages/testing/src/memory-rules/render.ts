import { firstCharacters, type Memory, type HeldEpisode, textOf } from "./held-episode.ts";

/** Sheet 5.1: a raw episode is shown as `[source/type]` and its first 150 characters. */
const episodeLength = 150;

/** One line of a context. Sheet 5.2 shows them: a dash, the day, the memory. */
export function renderMemory(memory: Memory): string {
  const day = new Date(memory.timeMs).toISOString().slice(0, 10);
  return `- [${day}] ${memory.kind === "summary" ? foldSummary(memory.text) : memory.text}`;
}

/** Sheet 5.1: first line → last line; what lies between is dropped, unless there are at most two. Blank lines do not count. */
export function foldSummary(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => line.trim().replace(/^(?:user|assistant|system):\s*/, ""))
    .filter((line) => line !== "");
  return lines.length <= 2 ? lines.join(" → ") : `${lines[0] ?? ""} → ${lines.at(-1) ?? ""}`;
}

export function renderEpisode(episode: HeldEpisode): string {
  const text = textOf(episode);
  return `- [${episode.source}/${episode.type}] ${text === "" ? "(no text content)" : firstCharacters(text, episodeLength)}`;
}
