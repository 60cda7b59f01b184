export { expectedEpisodes } from "./expected.ts";
export { FakeGithub, type FakeGithubOptions, type Fault } from "./fake-github.ts";
export type { FakeRepository, RepositoryShape } from "./fake-repository.ts";
