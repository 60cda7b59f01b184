import { oneLine } from "@statewave-connectors/connector-sdk/text";

/** What programs put in front of the subject of an answer, in the languages that they speak. */
const replies: ReadonlySet<string> = new Set(
  "re aw antw antwort sv vs rif res r odp ynt ban bls atb vá отв ответ 答复 回复 回覆 답장 回信".split(" "),
);

/** And in front of one that is passed on. */
const forwards: ReadonlySet<string> = new Set(
  "fw fwd wg weitergeleitet vb vl tr doorst enc rv i inoltra pd továbbítás ilt rvs пересл 转发 轉寄 전달".split(" "),
);

const maxPrefixes = 50;
const maxPrefixLength = 16;

/** A subject without the marks of answers and of forwards in front of it. */
export interface SubjectLine {
  readonly title: string;
  /** By the outermost mark. */
  readonly is: "new" | "reply" | "forward";
}

/**
 * Reads a subject line.
 *
 * @example readSubject("AW: Re: Fwd: Budget 2027") // { title: "Budget 2027", is: "reply" }
 */
export function readSubject(subject: string): SubjectLine {
  let title = oneLine(subject);
  let is: SubjectLine["is"] = "new";
  for (let count = 0; count < maxPrefixes; count += 1) {
    const mark = markOf(title);
    if (mark === undefined) break;
    if (count === 0) is = mark.is;
    title = title.slice(mark.end).trimStart();
  }
  return { title, is };
}

function markOf(title: string): { readonly is: "reply" | "forward"; readonly end: number } | undefined {
  const head = title.slice(0, maxPrefixLength);
  const colon = head.search(/[:：]/);
  if (colon < 1) return undefined;
  // Some programs count: `Re[2]:`, `Re(3):`, `Re^2:`.
  const word = head
    .slice(0, colon)
    .replace(/[[(^]?\d{0,3}[\])]?$/, "")
    .trim()
    .toLowerCase();
  if (replies.has(word)) return { is: "reply", end: colon + 1 };
  return forwards.has(word) ? { is: "forward", end: colon + 1 } : undefined;
}
