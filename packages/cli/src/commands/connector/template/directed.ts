import type { PackageFiles } from "./rename.ts";

/** What a new connector does. */
export type Direction = "pull" | "push";

/** Files of the template that only one direction needs. */
const filesOf: Readonly<Record<Direction, readonly string[]>> = {
  pull: ["src/client.ts", "src/cursor.ts", "src/pull-options.ts", "src/pull.ts", "test/fake-provider.ts", "test/pull.test.ts"],
  push: ["src/push-options.ts", "src/receive.ts"],
};

/**
 * The template's files for one direction, or for both. What is between `#region push` and `#endregion` belongs to push; the lines that mark
 * regions are left out in every case.
 */
export function directed(template: PackageFiles, only?: Direction): PackageFiles {
  const other = only === undefined ? undefined : only === "pull" ? "push" : "pull";
  const leftOut = other === undefined ? [] : filesOf[other];
  const kept = Object.entries(template).filter(([path]) => !leftOut.includes(path));
  return Object.fromEntries(
    kept.map(([path, text]) => {
      const own = withoutRegions(text, other);
      return [path, path.endsWith(".ts") ? withoutUnusedImports(own) : own];
    }),
  );
}

const mark = /^\s*(?:\/\/|#|<!--) #(?:region (pull|push)|endregion)(?: -->)?$/;

function withoutRegions(text: string, other: Direction | undefined): string {
  if (!text.includes("#region")) return text;
  const open: (Direction | undefined)[] = [];
  const kept = text.split("\n").filter((line) => {
    const marked = mark.exec(line);
    if (marked === null) return other === undefined || !open.includes(other);
    if (marked[1] === undefined) open.pop();
    else open.push(marked[1] as Direction);
    return false;
  });
  return (
    kept
      .join("\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      // A region ended at the end of a code block.
      .replaceAll("\n\n```\n", "\n```\n")
      .trimEnd() + "\n"
  );
}

/** Names that only the other direction used. The template imports on one line each. */
function withoutUnusedImports(text: string): string {
  const lines = text.split("\n");
  const body = lines.filter((line) => !line.startsWith("import ")).join("\n");
  const words = new Set(body.match(/\w+/g));
  return lines.flatMap((line) => withUsedNames(line, (name) => words.has(name))).join("\n");
}

/** The line, with those of its imported names that are used; nothing when none is. */
function withUsedNames(line: string, isUsed: (name: string) => boolean): readonly string[] {
  const [, type = "", names, from] = /^import (type )?\{ ([^{}]+) \} from ("[^"]+");$/.exec(line) ?? [];
  if (names === undefined) return [line];
  const used = names.split(", ").filter((name) => isUsed(name.replace("type ", "")));
  return used.length === 0 ? [] : [`import ${type}{ ${used.join(", ")} } from ${from};`];
}
