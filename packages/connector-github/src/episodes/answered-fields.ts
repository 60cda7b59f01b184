/** What GitHub writes below the heading of an empty field of an issue form. */
const noAnswer = "_No response_";
/** Issue forms have headings of the third level. */
const fieldHeading = /^###\s/;

/** The body of an issue without the empty fields of its form: they would fill the summary with the words of the form. */
export function answeredFields(body: string): string {
  if (!body.includes(noAnswer)) return body;
  const kept: string[] = [];
  for (const line of body.split("\n")) {
    if (line.trim() !== noAnswer || !dropHeading(kept)) kept.push(line);
  }
  return kept.join("\n");
}

/** Takes the heading off the end, with the empty lines behind it; false when there is none. */
function dropHeading(lines: string[]): boolean {
  let last = lines.length - 1;
  while (last >= 0 && lines[last]?.trim() === "") last -= 1;
  if (!fieldHeading.test(lines[last] ?? "")) return false;
  lines.length = last;
  return true;
}
