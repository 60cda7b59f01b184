export { expectedEpisodes } from "./expected.ts";
export { FakeGithub, type FakeGithubOptions, type GithubFault } from "./fake-github.ts";
export type { FakeRepository } from "./fake-repository.ts";
export type { RepositoryShape } from "./repository-rows.ts";
