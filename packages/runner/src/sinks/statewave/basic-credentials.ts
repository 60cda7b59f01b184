import { ConnectorsError, Secret } from "@statewave-connectors/connector-sdk";

/** `user:password` of a URL that code passed with user info in it; a configuration file's are taken out when it is read. */
export function basicCredentials({ username, password }: URL): Secret | undefined {
  if (username === "" && password === "") return undefined;
  try {
    return new Secret(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  } catch {
    throw new ConnectorsError({
      code: "SINK_CONFIG_INVALID",
      message: "the user name or password in [statewave] url holds a % that escapes nothing",
      hint: "write it as %25",
    });
  }
}
