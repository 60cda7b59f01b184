/**
 * What a connector hands over as the schema of its entries: anything that speaks Standard Schema v1 (valibot does).
 * A valibot object schema additionally shows its keys in `entries`, from which unknown keys get a "did you mean" and the
 * reference pages their option tables. Make secret options with the pieces of `@statewave-connectors/connector-sdk/options`, which mark them
 * `v.metadata({ secret: true })`: a marked option prints as `***`. `v.metadata({ secret: "url" })` marks a URL that may hold a password:
 * it prints without user info.
 *
 * @see https://standardschema.dev
 */
export interface ConfigSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
  readonly entries?: Readonly<Record<string, unknown>>;
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
