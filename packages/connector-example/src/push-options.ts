import { rotatingSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

/** The options of one `[[push.example]]` entry. */
export const ExamplePush = v.strictObject({
  secret: v.pipe(rotatingSecret(), v.description("The webhook's secret; two while it is being rotated.")),
});

export type ExamplePushOptions = v.InferOutput<typeof ExamplePush>;
