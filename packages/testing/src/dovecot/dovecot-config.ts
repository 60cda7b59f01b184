/** The password of every user. */
export const dovecotPassword = "sesame-4711";

/** What the configuration of a test's own server is made of. */
export interface DovecotPlace {
  /** Everything that the server writes is in here. */
  readonly folder: string;
  /** The port for plain connections and STARTTLS. */
  readonly port: number;
  readonly tlsPort: number;
  /** Whom the server runs as: it is started as this user and changes to no other one. */
  readonly user: { readonly name: string; readonly group: string; readonly uid: number; readonly gid: number };
  /** Lines at the end, which win. */
  readonly settings: readonly string[];
}

/** A configuration with which Dovecot 2.3 runs without root's rights, logs into a file, and syncs nothing to the disk. */
export function dovecotConfig({ folder, port, tlsPort, user, settings }: DovecotPlace): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
auth_policy_server_url =
import_environment = TZ
protocols = imap
listen = 127.0.0.1
default_internal_user = ${user.name}
default_internal_group = ${user.group}
default_login_user = ${user.name}
first_valid_uid = 1
mail_fsync = never
mail_location = sdbox:~/mail
mail_max_userip_connections = 50
shutdown_clients = yes
verbose_proctitle = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_verbose = yes
ssl = yes
ssl_cert = <${folder}/certificate
ssl_key = <${folder}/key
ssl_dh =
passdb {
  driver = static
  args = password=${dovecotPassword}
  mechanisms = plain login
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2
}
userdb {
  driver = static
  args = uid=${user.uid} gid=${user.gid} home=${folder}/home/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    special_use = \\Drafts
    auto = create
  }
  mailbox Junk {
    special_use = \\Junk
    auto = create
  }
  mailbox Sent {
    special_use = \\Sent
    auto = create
  }
  mailbox Trash {
    special_use = \\Trash
    auto = create
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
  unix_listener stats-writer {
    mode = 0600
  }
}
service imap-login {
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
service imap {
  process_limit = 200
}
${settings.join("\n")}
`;
}

/** Tokens are JWTs that Dovecot verifies by itself, with a key of its own. */
export function oauth2Config({ folder }: Pick<DovecotPlace, "folder">): string {
  return `
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=${folder}/keys/
username_attribute = sub
`;
}
