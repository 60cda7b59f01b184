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
  /** As `dovecot --version` prints it. */
  readonly version: string;
  readonly storage: MailStorage;
  /** Lines at the end, which win. */
  readonly settings: readonly string[];
}

/** How the server keeps mails: `mdbox` keeps many in one file, which a filled mailbox needs not to measure the file system. */
export type MailStorage = "sdbox" | "mdbox";

/** A configuration with which Dovecot runs without root's rights, logs into a file, and syncs nothing to the disk. */
export function dovecotConfig(place: DovecotPlace): string {
  const { settings, version } = place;
  const lines = isSince24(version) ? [config24(place), commonConfig(place)] : [commonConfig(place), config23(place)];
  return [...lines, ...settings, ""].join("\n");
}

/** 2.4 gave many settings other names, and refuses the old ones. */
function isSince24(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 4);
}

function commonConfig({ folder, port, tlsPort, user }: DovecotPlace): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
auth_policy_server_url =
listen = 127.0.0.1
default_internal_user = ${user.name}
default_internal_group = ${user.group}
default_login_user = ${user.name}
first_valid_uid = 1
mail_fsync = never
mail_max_userip_connections = 50
shutdown_clients = yes
verbose_proctitle = no
auth_verbose = yes
ssl = yes
namespace inbox {
  inbox = yes
  separator = /
${["Drafts", "Junk", "Sent", "Trash"].map((name) => specialFolder(name)).join("\n")}
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
}`;
}

function specialFolder(name: string): string {
  return `  mailbox ${name} {
    special_use = \\${name}
    auto = create
  }`;
}

function config23({ folder, user, storage }: DovecotPlace): string {
  return `
protocols = imap
import_environment = TZ
mail_location = ${storage}:~/mail
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
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
service imap-login {
  service_count = 0
}`;
}

function config24({ folder, user, storage, version }: DovecotPlace): string {
  const release = /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version;
  return `dovecot_config_version = ${release}
dovecot_storage_version = ${release}
protocols {
  imap = yes
}
mail_driver = ${storage}
mail_path = ~/mail
auth_allow_cleartext = yes
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0s
ssl_server_cert_file = ${folder}/certificate
ssl_server_key_file = ${folder}/key
passdb static {
  password = ${dovecotPassword}
  mechanisms_filter = plain login
}
oauth2 {
  introspection_mode = local
  username_attribute = sub
  oauth2_local_validation {
    dict fs {
      fs posix {
        prefix = ${folder}/keys/
      }
    }
  }
}
passdb oauth2 {
  mechanisms_filter = xoauth2 oauthbearer
}
userdb static {
  allow_all_users = yes
  fields {
    uid = ${user.uid}
    gid = ${user.gid}
    home = ${folder}/home/%{user}
  }
}
service imap-login {
  restart_request_count = unlimited
}`;
}

/** Tokens are JWTs that Dovecot verifies by itself, with a key of its own. */
export function oauth2Config({ folder }: Pick<DovecotPlace, "folder">): string {
  return `
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=${folder}/keys/
username_attribute = sub
`;
}
