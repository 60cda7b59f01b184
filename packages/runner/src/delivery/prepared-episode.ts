import type { Episode, SourceKey } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";
import { toWireEpisode } from "./to-wire-episode.ts";

/** An episode on its way that is serialised once, at the first look, however often it is planned and sent. */
export class PreparedEpisode implements OutboundEpisode {
  readonly source: SourceKey;
  readonly connectorVersion: string;
  readonly episode: Episode;
  readonly asksFresh: boolean;
  #json: string | undefined;
  #bytes: number | undefined;

  constructor({ source, connectorVersion, episode, asksFresh = false }: OutboundEpisode) {
    this.source = source;
    this.connectorVersion = connectorVersion;
    this.episode = episode;
    this.asksFresh = asksFresh;
  }

  /** The wire form, as one line of JSON. */
  get json(): string {
    this.#json ??= JSON.stringify(toWireEpisode(this));
    return this.#json;
  }

  /** UTF-8 bytes of `json`. */
  get bytes(): number {
    this.#bytes ??= Buffer.byteLength(this.json);
    return this.#bytes;
  }
}

/** The wire form of any outbound episode, as one line of JSON. */
export function wireJson(outbound: OutboundEpisode): string {
  return outbound instanceof PreparedEpisode ? outbound.json : JSON.stringify(toWireEpisode(outbound));
}
