/**
 * Token formats as their providers document them, one an entry: `{alnum:36}` stands for 36 random characters of that alphabet. No token stands
 * here, only shapes: tokens are made of them while the tests run, so that no scanner of repositories takes one for real.
 */
export const documentedTokens: readonly (readonly [provider: string, template: string])[] = [
  ["GitHub classic", "ghp_{alnum:36}"],
  ["GitHub OAuth", "gho_{alnum:36}"],
  ["GitHub app user", "ghu_{alnum:36}"],
  ["GitHub app server", "ghs_{alnum:36}"],
  ["GitHub refresh", "ghr_{alnum:76}"],
  ["GitHub fine-grained", "github_pat_{alnum:22}_{alnum:59}"],
  ["GitLab personal", "glpat-{base64url:20}"],
  ["GitLab routable", "glpat-{base64url:40}.{lower:9}"],
  ["GitLab deploy", "gldt-{base64url:20}"],
  ["GitLab runner", "glrt-{base64url:20}"],
  ["GitLab trigger", "glptt-{hex:40}"],
  ["GitLab job", "glcbt-{alnum:2}_{base64url:20}"],
  ["GitLab feed", "glft-{base64url:20}"],
  ["GitLab agent", "glagent-{base64url:50}"],
  ["GitLab SCIM", "glsoat-{base64url:20}"],
  ["Slack bot", "xoxb-{digit:12}-{digit:13}-{alnum:24}"],
  ["Slack user", "xoxp-{digit:12}-{digit:12}-{digit:12}-{hex:32}"],
  ["Slack app", "xapp-1-A{upper:10}-{digit:13}-{hex:64}"],
  ["Slack configuration", "xoxe.xoxp-1-{upper:166}"],
  ["Slack refresh", "xoxe-1-{upper:146}"],
  ["Slack legacy", "xoxs-{digit:10}-{digit:10}-{digit:10}-{hex:10}"],
  ["Slack webhook", "https://hooks.slack.com/services/T{upper:10}/B{upper:10}/{alnum:24}"],
  ["Slack workflow", "https://hooks.slack.com/workflows/T{upper:10}/A{upper:10}/{digit:18}/{alnum:24}"],
  ["AWS key id", "AKIA{base32:16}"],
  ["AWS session key id", "ASIA{base32:16}"],
  ["AWS pair", "AKIA{base32:16} {base64:40}"],
  ["AWS secret", "aws_secret_access_key = {base64:40}"],
  ["AWS Bedrock", "ABSK{base64:128}"],
  ["Google API key", "AIza{base64url:35}"],
  ["Google OAuth secret", "GOCSPX-{base64url:28}"],
  ["Google access token", "ya29.{base64url:80}"],
  ["Google refresh token", "1//0{base64url:60}"],
  ["Azure client secret", "{alnum:3}8Q~{alnum:34}"],
  ["Azure storage", "AccountKey={base64:86}=="],
  ["Azure Service Bus", "SharedAccessKey={base64:43}="],
  ["Azure SAS", "https://acme.blob.core.windows.net/c?sv=2024-11-04&sig={base64:43}%3D"],
  ["Azure DevOps", "{alnum:76}AZDO{alnum:4}"],
  ["Stripe live", "sk_live_{alnum:24}"],
  ["Stripe long", "sk_live_{alnum:99}"],
  ["Stripe test", "sk_test_{alnum:24}"],
  ["Stripe restricted", "rk_live_{alnum:24}"],
  ["Stripe webhook", "whsec_{alnum:32}"],
  ["Twilio API key", "SK{hex:32}"],
  ["Twilio auth token", "TWILIO_AUTH_TOKEN={hex:32}"],
  ["SendGrid", "SG.{base64url:22}.{base64url:43}"],
  ["npm", "npm_{alnum:36}"],
  ["PyPI", "pypi-AgEIcHlwaS5vcmc{base64url:140}"],
  ["RubyGems", "rubygems_{hex:48}"],
  ["crates.io", "cio{alnum:32}"],
  ["NuGet", "oy2{lower:43}"],
  ["Docker Hub", "dckr_pat_{base64url:27}"],
  ["Docker organization", "dckr_oat_{base64url:32}"],
  ["Clojars", "CLOJARS_{lower:60}"],
  ["Shopify access", "shpat_{hex:32}"],
  ["Shopify custom", "shpca_{hex:32}"],
  ["Shopify private", "shppa_{hex:32}"],
  ["Shopify shared", "shpss_{hex:32}"],
  ["OpenAI legacy", "sk-{alnum:20}T3BlbkFJ{alnum:20}"],
  ["OpenAI project", "sk-proj-{base64url:74}T3BlbkFJ{base64url:74}"],
  ["OpenAI service", "sk-svcacct-{base64url:58}T3BlbkFJ{base64url:58}"],
  ["OpenAI admin", "sk-admin-{base64url:58}T3BlbkFJ{base64url:58}"],
  ["Anthropic", "sk-ant-api03-{base64url:93}AA"],
  ["Anthropic admin", "sk-ant-admin01-{base64url:93}AA"],
  ["Hugging Face", "hf_{letter:34}"],
  ["Hugging Face organization", "api_org_{letter:34}"],
  ["OpenRouter", "sk-or-v1-{hex:64}"],
  ["Groq", "gsk_{alnum:52}"],
  ["xAI", "xai-{alnum:80}"],
  ["Perplexity", "pplx-{alnum:48}"],
  ["Replicate", "r8_{alnum:37}"],
  ["DeepSeek", "sk-{hex:32}"],
  ["LangSmith", "lsv2_pt_{hex:32}_{hex:10}"],
  ["DigitalOcean", "dop_v1_{hex:64}"],
  ["DigitalOcean OAuth", "doo_v1_{hex:64}"],
  ["DigitalOcean refresh", "dor_v1_{hex:64}"],
  ["Heroku", "HRKU-AA{base64url:58}"],
  ["Heroku legacy", "HEROKU_API_KEY={uuid}"],
  ["Atlassian", "ATATT3xFfGF0{base64url:174}={hex:8}"],
  ["Bitbucket app password", "ATBB{alnum:24}{hex:8}"],
  ["Trello", "ATTA{hex:64}"],
  ["Linear", "lin_api_{alnum:40}"],
  ["Linear OAuth", "lin_oauth_{hex:64}"],
  ["Notion", "ntn_{digit:11}{alnum:35}"],
  ["Notion legacy", "secret_{alnum:43}"],
  ["Datadog API", "DD_API_KEY={hex:32}"],
  ["Datadog application", "DD_APP_KEY: {hex:40}"],
  ["New Relic user", "NRAK-{upper:27}"],
  ["New Relic license", "{hex:32}FFFFNRAL"],
  ["New Relic insert", "NRII-{base64url:32}"],
  ["Sentry organization", "sntrys_eyJpYXQiO{base64:120}_{base64:43}"],
  ["Sentry user", "sntryu_{hex:64}"],
  ["Telegram", "{digit:10}:AA{base64url:33}"],
  ["Discord bot", "M{alnum:23}.{base64url:6}.{base64url:38}"],
  ["Discord webhook", "https://discord.com/api/webhooks/{digit:19}/{base64url:68}"],
  ["Teams webhook", "https://acme.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{hex:32}/{uuid}"],
  ["JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{base64url:40}.{base64url:43}"],
  ["JWE", "eyJhbGciOiJSU0EtT0FFUCJ9.{base64url:342}.{base64url:16}.{base64url:60}.{base64url:22}"],
  ["Bearer", "Authorization: Bearer {alnum:40}"],
  ["Basic", "Authorization: Basic {base64:32}"],
  ["GitHub header", "Authorization: token {hex:40}"],
  ["URL user", "https://deploy:{alnum:20}@git.acme.example/acme/widgets.git"],
  ["Postgres URL", "postgres://app:{alnum:16}@db.acme.example:5432/widgets"],
  ["MongoDB URL", "mongodb+srv://app:{alnum:24}@cluster0.acme.mongodb.net/"],
  ["Redis URL", "redis://:{alnum:32}@cache.acme.example:6379"],
  ["Doppler", "dp.pt.{alnum:43}"],
  ["Vault service", "hvs.{base64url:95}"],
  ["Vault batch", "hvb.{base64url:150}"],
  ["Terraform Cloud", "{alnum:14}.atlasv1.{base64url:67}"],
  ["Pulumi", "pul-{hex:40}"],
  ["Databricks", "dapi{hex:32}"],
  ["Grafana service", "glsa_{alnum:32}_{hex:8}"],
  ["Grafana Cloud", "glc_{base64:80}"],
  ["Dynatrace", "dt0c01.{base32:24}.{base32:64}"],
  ["PlanetScale", "pscale_tkn_{base64url:43}"],
  ["PlanetScale password", "pscale_pw_{base64url:43}"],
  ["Supabase", "sbp_{hex:40}"],
  ["Netlify", "nfp_{alnum:36}"],
  ["Fly.io", "fo1_{base64url:43}"],
  ["Cloudflare", "CLOUDFLARE_API_TOKEN={base64url:40}"],
  ["Cloudflare origin", "v1.0-{hex:24}-{hex:146}"],
  ["Alibaba", "LTAI{alnum:20}"],
  ["Postman", "PMAK-{hex:24}-{hex:34}"],
  ["Figma", "figd_{base64url:43}"],
  ["Airtable", "pat{alnum:14}.{hex:64}"],
  ["Mailchimp", "{hex:32}-us12"],
  ["Mailgun", "key-{hex:32}"],
  ["Brevo", "xkeysib-{hex:64}-{alnum:16}"],
  ["Resend", "re_{alnum:8}_{alnum:24}"],
  ["HubSpot", "pat-na1-{uuid}"],
  ["Typeform", "tfp_{base64url:59}"],
  ["Contentful", "CFPAT-{base64url:43}"],
  ["Square", "sq0atp-{base64url:22}"],
  ["Square secret", "sq0csp-{base64url:43}"],
  ["Plaid", "access-production-{uuid}"],
  ["EasyPost", "EZAK{alnum:54}"],
  ["Shippo", "shippo_live_{hex:40}"],
  ["Duffel", "duffel_live_{base64url:43}"],
  ["Adobe", "p8e-{lower:32}"],
  ["1Password secret key", "A3-{upper:6}-{upper:11}-{upper:5}-{upper:5}-{upper:5}"],
  ["1Password service", "ops_eyJ{base64:260}"],
  ["age", "AGE-SECRET-KEY-1{upper:58}"],
  ["OpenShift", "sha256~{base64url:43}"],
  ["SonarQube", "squ_{hex:40}"],
  ["Sourcegraph", "sgp_{hex:40}"],
  ["CircleCI", "CCIPAT_{alnum:22}_{hex:40}"],
  ["JFrog", "AKCp{alnum:69}"],
  ["ReadMe", "rdme_{lower:70}"],
  ["Prefect", "pnu_{alnum:36}"],
  ["Tailscale", "tskey-auth-{alnum:17}-{alnum:32}"],
  ["PEM", "-----BEGIN RSA PRIVATE KEY-----\n{base64:64}\n{base64:64}\n{base64:20}\n-----END RSA PRIVATE KEY-----"],
  ["OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\n{base64:70}\n{base64:70}\n-----END OPENSSH PRIVATE KEY-----"],
  ["service account", '"private_key": "-----BEGIN PRIVATE KEY-----\\n{base64:64}\\n{base64:64}\\n-----END PRIVATE KEY-----\\n"'],
  ["PEM without its end", "-----BEGIN EC PRIVATE KEY-----\n{base64:64}\n{base64:64}"],
  ["password", "DB_PASSWORD={alnum:7}7!k"],
  ["JSON secret", '"clientSecret": "{alnum:32}"'],
];

const alphabets: Readonly<Record<string, string>> = {
  digit: "0123456789",
  hex: "0123456789abcdef",
  lower: "abcdefghijklmnopqrstuvwxyz0123456789",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
  letter: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
  base32: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
  alnum: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
  base64: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
  base64url: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
};

/** A token of a documented shape, and those parts of it that must not be shown. */
export interface MadeToken {
  readonly text: string;
  readonly secretParts: readonly string[];
}

/** A token of a template of `documentedTokens`. */
export function makeToken(template: string, random: () => number): MadeToken {
  const secretParts: string[] = [];
  const text = template
    .replaceAll("{uuid}", "{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}")
    .replaceAll(/\{(\w+):(\d+)\}/g, (_, name: string, length: string) => {
      const part = pick(alphabetNamed(name), Number(length), random);
      if (part.length >= 6) secretParts.push(part);
      return part;
    });
  return { text, secretParts };
}

function pick(alphabet: string, length: number, random: () => number): string {
  // What is made begins and ends with a letter or a digit, as random tokens do in nearly every case.
  const edges = alphabet.replaceAll(/[^A-Za-z0-9]/g, "");
  return Array.from({ length }, (_, at) => {
    const from = at === 0 || at === length - 1 ? edges : alphabet;
    return from[Math.floor(random() * from.length)] ?? "";
  }).join("");
}

function alphabetNamed(name: string): string {
  const alphabet = alphabets[name];
  if (alphabet === undefined) throw new Error(`there is no alphabet "${name}"`);
  return alphabet;
}
