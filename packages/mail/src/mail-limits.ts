/** How much of a mail is read. What lies beyond is left out; it is never an error. */
export interface MailLimits {
  /** Of the whole mail. */
  readonly maxBytes: number;
  /** Of one block of headers. */
  readonly maxHeaderBytes: number;
  /** Headers of one block. */
  readonly maxHeaders: number;
  /** Parts within parts. What is nested deeper is an attachment. */
  readonly maxDepth: number;
  /** Parts of the whole mail. */
  readonly maxParts: number;
  /** Of one text, before it is decoded. */
  readonly maxTextBytes: number;
  /** Mails within mails whose text is read. */
  readonly maxForwards: number;
}

export const mailLimits: MailLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxHeaderBytes: 256 * 1024,
  maxHeaders: 1000,
  maxDepth: 20,
  maxParts: 500,
  maxTextBytes: 1024 * 1024,
  maxForwards: 5,
};
