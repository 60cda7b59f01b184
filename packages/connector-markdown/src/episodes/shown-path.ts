import { printable } from "../folder/left-out.ts";

const mark = "…/";

/** The path of a document as its texts show it: where it is longer, the last folders and the file, behind a mark. */
export function shownPath(path: string, maxLength = 48): string {
  const whole = printable(path);
  if (whole.length <= maxLength) return whole;
  const [file = "", ...folders] = whole.split("/").toReversed();
  let shown = file;
  for (const folder of folders) {
    const longer = `${folder}/${shown}`;
    if (longer.length > maxLength - mark.length) break;
    shown = longer;
  }
  return shown.length <= maxLength - mark.length ? `${mark}${shown}` : `…${shown.slice(1 - maxLength)}`.toWellFormed();
}
