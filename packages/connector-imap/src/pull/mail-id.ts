/** Where a mail lies: what a failed item is called, and what finds it again. */
export interface MailPlace {
  readonly folder: string;
  readonly validity: string;
  readonly uid: number;
}

/** The folder comes last, because it may hold anything. */
export function formatMailId({ folder, validity, uid }: MailPlace): string {
  return `${validity}:${uid}:${folder}`;
}

export function parseMailId(id: string): MailPlace | undefined {
  const [, validity, uid, folder] = /^(\d{1,20}):(\d{1,10}):(.+)$/su.exec(id) ?? [];
  return validity === undefined || folder === undefined ? undefined : { validity, uid: Number(uid), folder };
}
