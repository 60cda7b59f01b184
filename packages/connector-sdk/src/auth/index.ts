// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export type { Authorize, Authorizer, RequestHeaders } from "../http/authorizer.ts";
export { apiKey, basic, bearer } from "./authorizers.ts";
export { CachedToken, type CachedTokenOptions, type IssuedToken } from "./cached-token.ts";
export { type ClientCredentials, clientCredentials } from "./client-credentials.ts";
export { refreshToken, type RefreshTokenGrant } from "./refresh-token.ts";
export { SharedRequest } from "./shared-request.ts";
export { type Grant, TokenEndpoint, type TokenEndpointOptions } from "./token-endpoint.ts";
export type { TokenSource } from "./token-source.ts";
