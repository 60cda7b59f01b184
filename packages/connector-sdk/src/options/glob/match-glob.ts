import type { Glob, GlobNode } from "./parse-glob.ts";

/** A name, and how wildcards treat it. */
export interface GlobSubject {
  /** Its characters. */
  readonly name: readonly string[];
  readonly isPath: boolean;
  /** Whether wildcards reach names that begin with a dot. */
  readonly dot: boolean;
}

/** Places in a name, one flag each: what was read of the pattern so far may end there. */
type Places = Uint8Array;

/**
 * Whether a pattern matches the whole name. It goes through the pattern once and keeps every place where the match may stand, so that
 * no name makes it slow: a regular expression with many `*` backtracks.
 */
export function matchesGlob(glob: Glob, subject: GlobSubject): boolean {
  const start = new Uint8Array(subject.name.length + 1);
  start[0] = 1;
  return placesAfter(glob, start, subject)[subject.name.length] === 1;
}

function placesAfter(glob: Glob, from: Places, subject: GlobSubject): Places {
  let places = from;
  for (const node of glob) {
    if (!places.includes(1)) break;
    places = step(node, places, subject);
  }
  return places;
}

function step(node: GlobNode, from: Places, subject: GlobSubject): Places {
  switch (node.type) {
    case "text":
      return afterText(node.text, from, subject);
    case "one":
      return afterOne(from, subject, () => true);
    case "set":
      return afterOne(from, subject, node.has);
    case "some":
      return afterSome(from, subject);
    case "folders":
      return afterFolders(from, subject);
    case "rest":
      return endIf(from, subject, (at) => isOpen(at, subject));
    case "below":
      return endIf(from, subject, (at) =>
        at === subject.name.length ? node.orItself : subject.name[at] === "/" && isOpen(at + 1, subject),
      );
    case "group":
      return afterGroup(node, from, subject);
  }
}

function afterText(text: readonly string[], from: Places, { name }: GlobSubject): Places {
  const after = new Uint8Array(from.length);
  for (let at = from.indexOf(1); at !== -1 && at + text.length <= name.length; at = from.indexOf(1, at + 1)) {
    if (text.every((character, offset) => name[at + offset] === character)) after[at + text.length] = 1;
  }
  return after;
}

function afterOne(from: Places, subject: GlobSubject, has: (character: string) => boolean): Places {
  const after = new Uint8Array(from.length);
  for (const [at, character] of subject.name.entries()) {
    if (from[at] === 1 && isReachable(at, subject) && has(character)) after[at + 1] = 1;
  }
  return after;
}

function afterSome(from: Places, subject: GlobSubject): Places {
  const after = new Uint8Array(from.length);
  let isInside = false;
  for (let at = 0; at < from.length; at += 1) {
    if (isHidden(at, subject)) isInside = false;
    else if (from[at] === 1) isInside = true;
    if (isInside) after[at] = 1;
    if (isSlash(at, subject)) isInside = false;
  }
  return after;
}

/** The beginnings of all names at or below the places. */
function afterFolders(from: Places, subject: GlobSubject): Places {
  const after = new Uint8Array(from.length);
  let isInside = false;
  for (let at = 0; at < from.length; at += 1) {
    if (from[at] === 1) isInside = true;
    if (isInside && isBeginning(at, subject)) after[at] = 1;
    // A hidden folder is not entered; its name may still be written in the pattern.
    if (isHidden(at, subject)) isInside = false;
  }
  return after;
}

function endIf(from: Places, { name }: GlobSubject, isEnd: (at: number) => boolean): Places {
  const after = new Uint8Array(from.length);
  if (from.some((flag, at) => flag === 1 && isEnd(at))) after[name.length] = 1;
  return after;
}

/** Whether no name from here on is hidden. */
function isOpen(from: number, subject: GlobSubject): boolean {
  for (let at = from; at < subject.name.length; at += 1) if (isHidden(at, subject)) return false;
  return true;
}

function afterGroup({ kind, branches }: Extract<GlobNode, { type: "group" }>, from: Places, subject: GlobSubject): Places {
  const once = (places: Places) =>
    union(
      branches.map((branch) => placesAfter(branch, places, subject)),
      places.length,
    );
  switch (kind) {
    case "@":
      return once(from);
    case "?":
      return union([from, once(from)], from.length);
    case "+":
      return repeated(once, once(from));
    case "*":
      return repeated(once, from);
    case "!":
      return afterOthers(once, from, subject);
  }
}

function repeated(once: (places: Places) => Places, from: Places): Places {
  let reached = from;
  let latest = from;
  while (latest.includes(1)) {
    const known = reached;
    latest = once(latest).map((flag, at) => (flag === 1 && known[at] !== 1 ? 1 : 0));
    reached = union([reached, latest], from.length);
  }
  return reached;
}

/** From each place, all places up to the end of its name but those where a branch ends. */
function afterOthers(once: (places: Places) => Places, from: Places, subject: GlobSubject): Places {
  const after = new Uint8Array(from.length);
  for (const [start, flag] of from.entries()) {
    if (flag !== 1 || isHidden(start, subject)) continue;
    const here = new Uint8Array(from.length);
    here[start] = 1;
    const taken = once(here);
    for (let at = start; at < from.length; at += 1) {
      if (taken[at] !== 1) after[at] = 1;
      if (isSlash(at, subject)) break;
    }
  }
  return after;
}

function union(all: readonly Places[], length: number): Places {
  const joined = new Uint8Array(length);
  for (const places of all) for (const [at, flag] of places.entries()) if (flag === 1) joined[at] = 1;
  return joined;
}

function isReachable(at: number, subject: GlobSubject): boolean {
  return !isSlash(at, subject) && !isHidden(at, subject);
}

function isSlash(at: number, { name, isPath }: GlobSubject): boolean {
  return isPath && name[at] === "/";
}

function isBeginning(at: number, { name }: GlobSubject): boolean {
  return at === 0 || name[at - 1] === "/";
}

/** Whether a name begins here that wildcards do not reach. */
function isHidden(at: number, subject: GlobSubject): boolean {
  return subject.isPath && !subject.dot && subject.name[at] === "." && isBeginning(at, subject);
}
