const words =
  "the build fails when a widget is resized while its parent window scrolls and nobody knows why so we traced it down to cache keys that ignore locale Größe 設定 naïve café".split(
    " ",
  );

/** A number from 0 to 2^32 - 1 that depends on the seed and the numbers alone. */
export function hash(seed: number, ...numbers: readonly number[]): number {
  let state = seed | 0;
  for (const number of numbers) {
    state = Math.imul(state ^ number ^ (number / 0x1_0000_0000), 0x9e37_79b1);
    state = Math.imul(state ^ (state >>> 15), 0x85eb_ca6b);
    state ^= state >>> 13;
  }
  return (Math.imul(state, 0xc2b2_ae35) ^ (state >>> 16)) >>> 0;
}

/** So many words of invented prose. */
export function prose(random: number, count: number): string {
  let text = "";
  for (let at = 0; at < count; at += 1) text += `${at === 0 ? "" : " "}${words[hash(random, at) % words.length]!}`;
  return text;
}

const logins = ["octocat", "hubot", "monalisa", "dependabot[bot]", "zoë-dev", "defunkt", "mojombo"];

/** An account as REST shows it; every 41st author is deleted and therefore null. */
export function account(random: number): Record<string, unknown> | null {
  if (random % 41 === 0) return null;
  const login = logins[random % logins.length]!;
  const url = `https://api.github.com/users/${login}`;
  return {
    login,
    id: 1_000 + (random % logins.length),
    node_id: "MDQ6VXNlcjE=",
    avatar_url: `https://avatars.githubusercontent.com/u/${1_000 + (random % logins.length)}?v=4`,
    gravatar_id: "",
    url,
    html_url: `https://github.com/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: login.endsWith("[bot]") ? "Bot" : "User",
    user_view_type: "public",
    site_admin: false,
  };
}

/** A label as REST shows it. */
export function label(name: string, id: number): Record<string, unknown> {
  return {
    id,
    node_id: `LA_${id}`,
    url: `https://api.github.com/repos/o/r/labels/${name}`,
    name,
    color: "d73a4a",
    default: false,
    description: "",
  };
}

/** Reactions as REST shows them: none. */
export function reactions(url: string): Record<string, unknown> {
  return {
    url: `${url}/reactions`,
    total_count: 0,
    "+1": 0,
    "-1": 0,
    laugh: 0,
    hooray: 0,
    confused: 0,
    heart: 0,
    rocket: 0,
    eyes: 0,
  };
}

/** What a row of `/issues` holds besides when it is a pull request. */
export function pullPart(api: string, page: string, mergedAt: unknown): Record<string, unknown> {
  const url = api.replace(/\/issues\/(\d+)$/, "/pulls/$1");
  return { url, html_url: page, diff_url: `${page}.diff`, patch_url: `${page}.patch`, merged_at: mergedAt };
}
