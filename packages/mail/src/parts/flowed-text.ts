/** Text of `format=flowed` (RFC 3676) with the lines of each paragraph joined, those of quotes by their depth. */
export function joinFlowed(text: string, isDelSp: boolean): string {
  const paragraphs: string[] = [];
  let open: { readonly depth: number; readonly lines: string[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    const words = open.lines.join("");
    paragraphs.push(open.depth === 0 ? words : `${">".repeat(open.depth)} ${words}`);
    open = undefined;
  };
  for (const line of text.split("\n")) {
    const depth = quoteDepth(line);
    const stuffed = line.slice(depth);
    const words = stuffed.startsWith(" ") ? stuffed.slice(1) : stuffed;
    // The line in front of a signature ends with a space and is no paragraph.
    const isSignature = words === "-- ";
    if (open !== undefined && (open.depth !== depth || isSignature)) close();
    open ??= { depth, lines: [] };
    const isSoft = words.endsWith(" ") && !isSignature;
    open.lines.push(isSoft && isDelSp ? words.slice(0, -1) : words);
    if (!isSoft) close();
  }
  close();
  return paragraphs.join("\n");
}

function quoteDepth(line: string): number {
  let depth = 0;
  while (depth < 100 && line.charAt(depth) === ">") depth += 1;
  return depth;
}
