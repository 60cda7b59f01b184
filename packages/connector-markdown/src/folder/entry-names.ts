/** A copy that a program made of a file because of a conflict. */
interface ConflictCopy {
  /** The name of the file it is a copy of. */
  readonly original: string;
  /** Whether the name alone says so. Otherwise the original must stand beside it. */
  readonly isCertain: boolean;
}

/** Where the words before the ending begin. */
const namePattern = /^(.+?)(\.[^.]*)?$/s;

/** Syncthing: `a.sync-conflict-20240131-093612-ABCDEFG.md`. */
const syncthing = /\.sync-conflict-\d{4}[\dA-Z-]*$/i;

/** In parentheses or brackets at the end: Dropbox, Nextcloud, ownCloud, Obsidian (conflicted copy), Seafile, and Dropbox in other languages. */
const certainWords = [
  "conflicted copy",
  "sfconflict",
  "case conflict",
  "unicode encoding conflict",
  "selective sync conflict",
  "white space conflict",
  "in konflikt stehende kopie",
  "copie en conflit",
  "copia en conflicto",
  "copia in conflitto",
  "cópia em conflito",
];

/** Older ownCloud and Nextcloud: `a_conflict-20180410-093612.md`. */
const dated = /_conflict-\d{8}-\d{6}$/i;
/** Google Drive, and Synology Drive behind the name of the machine and a time: only beside their original. */
const likely = /(?: ?[([]conflict(?: ?\d{1,3})?[)\]]|_conf\(\d{1,3}\)|_[^_]{1,64}_[^_]{1,32}_conflict)$/i;
/** OneDrive adds the name of the computer: those that Windows gives are recognised beside their original. */
const computer = /-(?:desktop|laptop|win)-[0-9a-z]{6,12}(?:-\d{1,3})?$/i;

/** Whether a name is that of a copy made because of a conflict. `siblings` are all names in the same folder. */
export function isSyncConflict(name: string, siblings: ReadonlySet<string>): boolean {
  const copy = conflictCopyOf(name);
  return copy !== undefined && (copy.isCertain || siblings.has(copy.original));
}

function conflictCopyOf(name: string): ConflictCopy | undefined {
  const [, stem = name, ending = ""] = namePattern.exec(name) ?? [];
  for (const [pattern, isCertain] of [
    [syncthing, true],
    [dated, true],
    [likely, false],
    [computer, false],
  ] as const) {
    const at = stem.search(pattern);
    if (at > 0) return { original: `${stem.slice(0, at)}${ending}`, isCertain };
  }
  const remark = lastRemark(stem);
  const isNamed = remark !== undefined && certainWords.some((words) => remark.text.includes(words));
  return isNamed ? { original: `${stem.slice(0, remark.at).trimEnd()}${ending}`, isCertain: true } : undefined;
}

/** What stands in parentheses or brackets at the end of a name, a number behind it aside: `a (b) (1)`. */
function lastRemark(stem: string): { readonly at: number; readonly text: string } | undefined {
  const bare = stem.replace(/ ?\(\d{1,3}\)$/, "");
  const opening = bare.endsWith(")") ? "(" : bare.endsWith("]") ? "[" : undefined;
  const at = opening === undefined ? -1 : bare.lastIndexOf(opening);
  return at <= 0 ? undefined : { at, text: bare.slice(at).normalize("NFC").toLowerCase() };
}

/** iCloud before macOS 14: `.Note.md.icloud`, once `.Note.md-tef.icloud`. */
const icloud = /^\.(.+?)(?:-tef)?\.icloud$/s;
/** Virtual files of Nextcloud and ownCloud where the system has none of its own. */
const virtual = /^(.+)\.(?:nextcloud|owncloud)$/s;

/** The name of the file that another one stands for, because its content was not downloaded. */
export function placeholderFor(name: string): string | undefined {
  return icloud.exec(name)?.[1] ?? virtual.exec(name)?.[1];
}

const leftovers: ReadonlySet<string> = new Set([".ds_store", ".localized", "desktop.ini", "thumbs.db"]);

/** Whether a file is one that file managers leave in every folder: it does not show that the folder is in use. */
export function isLeftover(name: string): boolean {
  return leftovers.has(name.toLowerCase()) || name.startsWith("._");
}
