/** The address of a document below `base_url`; of one of its sections with the anchor that GitHub and most programs give it. */
export function linkTo(baseUrl: string | undefined, path: string, anchor = ""): string | undefined {
  if (baseUrl === undefined) return undefined;
  const place = path.split("/").map(encodeURIComponent).join("/");
  return `${baseUrl}/${place}${anchor === "" ? "" : `#${encodeURIComponent(anchor)}`}`;
}

/** A heading as an anchor: lower case, letters, digits, `-` and `_`, and a hyphen for each space. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}
