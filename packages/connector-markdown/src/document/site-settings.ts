/** Fields of the frontmatter that say how a generator of sites or an editor shows a document, and nothing to its readers. */
const names: ReadonlySet<string> = new Set(
  (
    "layout template weight permalink slug redirect_from redirect_to sidebar_position sidebar_class_name nav_order nav_exclude has_children " +
    "has_toc toc toc_hide hide_title hide_table_of_contents pagination_next pagination_prev custom_edit_url editlink sitemap outputs markup " +
    "menu math mermaid cssclass cssclasses cspell render_with_liquid eleventynavigation eleventycomputed eleventyexcludefromcollections " +
    "dg-publish comments uuid guid"
  ).split(" "),
);

/** Whether a field is for a program alone. */
export function isSiteSetting(name: string): boolean {
  return names.has(name.toLowerCase());
}
