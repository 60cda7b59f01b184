/** Servers and proxies of this machine, for tests that need real ones. */
export { describeWithService } from "./describe-with-service.ts";
export { dovecotPassword } from "./dovecot/dovecot-config.ts";
export type { AppendedMail, ImapScript } from "./dovecot/imap-script.ts";
export { type DovecotOptions, type DovecotServer, hasDovecot, startDovecot } from "./dovecot/start-dovecot.ts";
export { freePort } from "./free-port.ts";
export { type Authority, type KeyAndCertificate, makeAuthority, makeSelfSigned } from "./make-authority.ts";
export { type HttpProxy, type HttpProxyOptions, startHttpProxy } from "./start-http-proxy.ts";
export { hasPgBouncer, type PgBouncer, startPgBouncer } from "./start-pgbouncer.ts";
export { hasRedisServer, type RedisServer, startRedisServer } from "./start-redis-server.ts";
export { type ProxyMode, startTcpProxy, type TcpProxy } from "./start-tcp-proxy.ts";
