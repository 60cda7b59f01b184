import { baseUrl, headerSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

/** The options of one `[[pull.example]]` entry. */
export const ExamplePull = v.strictObject({
  base_url: v.pipe(baseUrl({ example: "https://notes.example.com" }), v.description("Where the API is.")),
  token: v.pipe(headerSecret(), v.description("A token with the scope `notes:read`.")),
});

export type ExamplePullOptions = v.InferOutput<typeof ExamplePull>;
