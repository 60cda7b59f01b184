import { alnum, hex, manyAlnum, manyBase64url, manyHex, type TokenRule, uuid } from "./token-rule.ts";

/** Makers and hosts of models. */
export const aiTokens: readonly TokenRule[] = [
  { provider: "Anthropic", literal: "sk-ant-", parts: [manyBase64url(40)], anywhere: true },
  // https://platform.openai.com/docs/api-reference/authentication
  { provider: "OpenAI", literal: "sk-proj-", parts: [manyBase64url(40)], anywhere: true },
  { provider: "OpenAI", literal: "sk-svcacct-", parts: [manyBase64url(40)], anywhere: true },
  { provider: "OpenAI", literal: "sk-admin-", parts: [manyBase64url(40)], anywhere: true },
  { provider: "OpenRouter", literal: "sk-or-v1-", parts: [manyHex(64)], anywhere: true },
  { provider: "OpenAI", literal: "sk-", parts: [manyAlnum(32)], mixed: true },
  { provider: "Langfuse", literal: "sk-lf-", parts: [...uuid] },
  // https://huggingface.co/docs/hub/security-tokens
  { provider: "Hugging Face", literal: "hf_", parts: [alnum(34, 40)] },
  { provider: "Hugging Face", literal: "api_org_", parts: [manyAlnum(34)], anywhere: true },
  { provider: "Groq", literal: "gsk_", parts: [manyAlnum(48)], anywhere: true },
  { provider: "xAI", literal: "xai-", parts: [manyAlnum(60)], anywhere: true },
  { provider: "Perplexity", literal: "pplx-", parts: [manyAlnum(40)], anywhere: true },
  { provider: "Replicate", literal: "r8_", parts: [alnum(37, 40)] },
  { provider: "Pinecone", literal: "pcsk_", parts: [{ of: "word", min: 40 }], anywhere: true },
  { provider: "LangSmith", literal: "lsv2_pt_", parts: [hex(32), "_", hex(10)], anywhere: true },
  { provider: "LangSmith", literal: "lsv2_sk_", parts: [hex(32), "_", hex(10)], anywhere: true },
  { provider: "ElevenLabs", literal: "sk_", parts: [hex(48)] },
  { provider: "Fireworks", literal: "fw_", parts: [alnum(22, 26)], mixed: true },
  { provider: "Tavily", literal: "tvly-", parts: [{ of: "dashed", min: 32 }], anywhere: true },
  { provider: "NVIDIA", literal: "nvapi-", parts: [manyBase64url(60)], anywhere: true },
  { provider: "Weights & Biases", literal: "wandb_v1_", parts: [{ of: "word", min: 40 }], anywhere: true },
];
