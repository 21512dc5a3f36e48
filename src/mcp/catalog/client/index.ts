// `banyan/client`: the catalog of a running Banyan for other programs. It needs nothing but fetch (Node 20 has it); a registry given as
// YAML alone loads a parser.
export type * from "../queries.js";
export {
  BanyanClient,
  type BanyanClientOptions,
  type DecisionOutcome,
  type Health,
  type Source,
  type Told,
} from "./banyan-client.js";
export { NotBanyanError, RefusedError, UnreachableError } from "./errors.js";
export type { Registry } from "./registry.js";
