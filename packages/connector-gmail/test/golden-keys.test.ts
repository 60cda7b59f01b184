import { readFileSync } from "node:fs";
import { describeGoldenKeys, documentedKinds } from "@statewave-connectors/testing";
import { episodesOfEachKind } from "./each-kind.ts";

describeGoldenKeys({
  file: new URL("fixtures/golden-keys.json", import.meta.url),
  kinds: documentedKinds(readFileSync(new URL("../README.md", import.meta.url), "utf8")),
  make: episodesOfEachKind,
});
