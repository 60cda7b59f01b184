/**
 * The known word that was most likely meant by `word`: a near one, or the only one that has it as a part, as `signing_secret` has `secret`.
 * Case, `-` and `_` do not count.
 */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  return nearest(word, known) ?? onlyRelated(word, known);
}

/** Shorter parts, such as `id` and `api`, are in too many words. */
const shortestPart = 4;

function onlyRelated(word: string, known: readonly string[]): string | undefined {
  const parts = partsOf(word);
  const related = [...new Set(known)].filter((candidate) => {
    const others = partsOf(candidate);
    return isPartOf(parts, others) || isPartOf(others, parts);
  });
  return related.length === 1 ? related[0] : undefined;
}

function isPartOf([part, ...more]: readonly string[], whole: readonly string[]): boolean {
  return part !== undefined && more.length === 0 && part.length >= shortestPart && whole.includes(part);
}

function partsOf(word: string): readonly string[] {
  return word.toLowerCase().split(/[-_]/);
}

function nearest(word: string, known: readonly string[]): string | undefined {
  const folded = fold(word);
  let best: string | undefined;
  // A third of the letters may be wrong, at most three: beyond that a suggestion is a guess.
  let bestDistance = Math.min(3, Math.floor(folded.length / 3) + 1);
  for (const candidate of known) {
    const distance = editDistance(folded, fold(candidate), bestDistance);
    if (distance < bestDistance || (distance === 0 && best === undefined)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one to the other; `limit` when they are that many or more. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  const cell = (row: readonly number[], column: number) => row[column] ?? limit;
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const cost = left[row - 1] === right[column - 1] ? 0 : 1;
      let distance = Math.min(cell(last, column) + 1, cell(current, column - 1) + 1, cell(last, column - 1) + cost);
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) distance = Math.min(distance, cell(beforeLast, column - 2) + 1);
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(limit, cell(last, right.length));
}
