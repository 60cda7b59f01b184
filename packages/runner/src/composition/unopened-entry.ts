import { ConnectorsError, type PullSource, type PushReceiver } from "@statewave-connectors/connector-sdk";

/** A source in place of one that could not be opened: each use of it fails with the reason. */
export function unopenedSource(error: ConnectorsError): PullSource {
  const fail = async () => {
    throw error;
  };
  return {
    // eslint-disable-next-line require-yield -- there is no page
    async *pages() {
      throw error;
    },
    check: fail,
    map() {
      throw error;
    },
    fetchItem: fail,
  };
}

/** A receiver in place of one that could not be opened: webhooks are answered 503, and stored ones wait until it can be opened. */
export function unopenedReceiver(error: ConnectorsError): PushReceiver {
  const { code, message, hint, cause } = error;
  const later = new ConnectorsError({ code, message, ...(hint !== undefined && { hint }), retryable: true, cause });
  return {
    ...unopenedSource(error),
    // eslint-disable-next-line require-yield -- there is no page
    async *pages() {
      throw later;
    },
    receive() {
      throw later;
    },
  };
}
