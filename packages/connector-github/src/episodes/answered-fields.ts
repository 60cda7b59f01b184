/** What GitHub writes below the heading of an empty field of an issue form. */
const noAnswer = "_No response_";

/** The body of an issue without the empty fields of its form: they would fill the summary with the words of the form. */
export function answeredFields(body: string): string {
  if (!body.includes(noAnswer)) return body;
  const kept: string[] = [];
  for (const line of body.split("\n")) {
    if (line.trim() === noAnswer) dropHeading(kept);
    else kept.push(line);
  }
  return kept.join("\n");
}

/** Takes the heading off the end, with the empty lines behind it. */
function dropHeading(lines: string[]): void {
  let last = lines.length - 1;
  while (last >= 0 && lines[last]?.trim() === "") last -= 1;
  if (lines[last]?.startsWith("#") === true) lines.length = last;
}
