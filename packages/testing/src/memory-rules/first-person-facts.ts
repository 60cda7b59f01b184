// The heuristic compiler also takes first-person statements for facts about a user (read: `compilers/heuristic.py`; not in the sheet).
// They matter here as noise: a fact ranks above every summary.

/** A name is a fact only where it is written as one. */
const name = /(?:[Mm][Yy] [Nn][Aa][Mm][Ee] [Ii][Ss]|[Ii]'[Mm]|[Ii] [Aa][Mm])\s+[A-Z][a-z]+/g;

const statement = /i work at |i'm at |i am at |i am on |i'm on |i live in |i'm from |i am from |i use |i prefer |my favorite /gi;

/** The statements of a text, each up to the end of its clause. */
export function firstPersonFacts(text: string): readonly string[] {
  const names = [...text.matchAll(name)].map(([match]) => match);
  const statements = [...text.matchAll(statement)].map(({ 0: match, index }) => {
    const behind = text.slice(index + match.length);
    const end = behind.search(/[.,\n]/);
    return `${match}${end === -1 ? behind : behind.slice(0, end)}`.trim();
  });
  return [...names, ...statements];
}
