/** What the API gives of an object. */
export type Json = Record<string, unknown>;

/** A conversation with all of its parts. */
export interface Raw extends Json {
  readonly id: string;
  updated_at: number;
  readonly parts: Json[];
}
