/** Files of a package by their path in it, as text. */
export type PackageFiles = Readonly<Record<string, string>>;

const kindPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longestKind = 40;
/** `sdk` is the contracts' package, not a source. */
const takenKinds = new Set(["sdk"]);

/** What is wrong with the kind of a new connector; undefined when nothing is. */
export function kindProblem(kind: string): string | undefined {
  if (!kindPattern.test(kind) || kind.length > longestKind) {
    return `"${kind}" cannot be a kind: use up to ${longestKind} lower-case letters and digits in words joined by "-", such as google-drive`;
  }
  return takenKinds.has(kind) ? `"${kind}" is taken` : undefined;
}

/** How a kind is written in sentences, in a class, in an error code, and as the first word of an episode's kind. */
export function spellings(kind: string) {
  const words = kind.split("-");
  const capitalised = words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  return {
    title: capitalised.join(" "),
    class: capitalised.join(""),
    code: words.join("_").toUpperCase(),
    snake: words.join("_"),
  };
}

/** The template's text for another kind. In it the word "example" always means the kind. */
function renamed(text: string, kind: string): string {
  const spelled = spellings(kind);
  return (
    text
      .replaceAll(/\bExample(?=[A-Z])/g, spelled.class)
      .replaceAll("Example", spelled.title)
      .replaceAll("EXAMPLE", spelled.code)
      .replaceAll(/(?<=["'`])example(?=\.[a-z])/g, spelled.snake)
      // A parameter of the kit is called `example`.
      .replaceAll(/example(?!:)/g, kind)
  );
}

/** The template's files for another kind. */
export function renamedFiles(template: PackageFiles, kind: string): PackageFiles {
  return Object.fromEntries(Object.entries(template).map(([path, text]) => [renamed(path, kind), renamed(text, kind)]));
}
