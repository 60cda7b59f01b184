/** Where the receiver of a `[[push.<kind>]]` entry is mounted. */
export function receiverPath(kind: string, name: string): string {
  return `/${kind}/${name}/events`;
}
