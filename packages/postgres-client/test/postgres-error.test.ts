import { expect, test } from "vitest";
import { toPostgresError } from "../src/postgres-error.ts";

const failed = (message: string, code?: string) => Object.assign(new Error(message), code === undefined ? {} : { code });

test.each(["EPIPE", "EPERM", "ECONNRESET", "ENETUNREACH", "E2BIG"])(
  "%s of a pooled connection is a matter of the connection, not a SQLSTATE",
  (code) => {
    expect(toPostgresError("STORE", failed(`write ${code}`, code))).toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true });
  },
);

test.each([
  ["57P01", "STORE_UNAVAILABLE"],
  ["53300", "STORE_UNAVAILABLE"],
  ["XX000", "STORE_UNAVAILABLE"],
  ["28P01", "STORE_ACCESS_DENIED"],
  ["42P01", "STORE_QUERY_FAILED"],
  ["P0001", "STORE_QUERY_FAILED"],
])("SQLSTATE %s is %s", (state, code) => {
  expect(toPostgresError("STORE", failed("it said", state))).toMatchObject({ code });
});

test.each([
  ["self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT", "sslrootcert"],
  ["self-signed certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN", "sslrootcert"],
  ["unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "sslrootcert"],
  ["certificate has expired", "CERT_HAS_EXPIRED", "sslmode=no-verify"],
  ["Hostname/IP does not match certificate's altnames", "ERR_TLS_CERT_ALTNAME_INVALID", "sslrootcert"],
  ["The server does not support SSL connections", undefined, "disable"],
  ["SSL required", "08P01", "sslmode=require"],
  ['no pg_hba.conf entry for host "10.0.0.1", user "me", database "d", no encryption', "28000", "sslmode=require"],
])("%s names what to set", (message, code, hint) => {
  expect(toPostgresError("INBOX", failed(message, code))).toMatchObject({
    code: "INBOX_TLS_FAILED",
    message: `no TLS connection to Postgres: ${message}`,
    hint: expect.stringContaining(hint),
    retryable: true,
  });
});
