/** A store that gathers its writes makes so many durable at once, and a server's connections are not all taken. */
const groupSize = 16;

/** Calls `work` for each, the members of a group at the same time. */
export async function inGroups<Member>(members: readonly Member[], work: (member: Member) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < members.length; at += groupSize) await Promise.all(members.slice(at, at + groupSize).map(work));
}
