/** What an entry wants of its episodes. */
export interface EpisodeOptions {
  /** Where the documents can be read, without a slash at its end. */
  readonly baseUrl?: string | undefined;
  /** Whether they name their memories themselves. */
  readonly hasCandidates: boolean;
}
