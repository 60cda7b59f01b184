/** Special uses of RFC 6154, as an option names them. */
export const specialUses = ["\\Inbox", "\\Sent", "\\Archive", "\\Drafts", "\\Junk", "\\Trash", "\\All", "\\Flagged"] as const;
