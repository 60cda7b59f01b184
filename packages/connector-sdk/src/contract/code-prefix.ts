/** What the error codes of a kind begin with: `acme-crm` becomes `ACME_CRM`. */
export function codePrefixOf(kind: string): string {
  return kind.replaceAll("-", "_").toUpperCase();
}
