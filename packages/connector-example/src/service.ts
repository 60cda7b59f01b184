/** The provider's name in sentences, and what its error codes begin with. */
export const service = { provider: "Example", codePrefix: "EXAMPLE" } as const;
