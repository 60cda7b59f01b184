/** This package's version; written by scripts/write-versions.mjs. */
export const version = "0.0.0";
