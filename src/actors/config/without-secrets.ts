// The settings as they may be shown. A secret belongs into the environment or a file of its own, and a reference to it into the
// settings; but nothing keeps a user from writing one into a server's arguments, so what looks like a secret is not shown either.
import { isTable } from "./merge.js";
import { withoutReferences } from "./references.js";

const NOT_SHOWN = "(not shown)";

const SECRET_NAME = /token|secret|passw|passphrase|api[-_]?key|authorization|credential|cookie|private[-_]?key/i;
const SECRET_VALUE =
  /\b(?:sk|pk|rk)-[\w-]{8,}|\b(?:gh[opsu]_|github_pat_|glpat-|xox[abpr]-|AKIA|eyJ)[\w-]{8,}|\bBearer\s+\S{8,}|:\/\/[^/\s@]+@/;

/** The same settings with `(not shown)` in the place of what may be a secret; references stay. */
export function withoutSecrets(value: unknown, name = ""): unknown {
  if (typeof value === "string") return mayShow(value, name) ? value : NOT_SHOWN;
  if (Array.isArray(value)) {
    return value.map((item, index) => withoutSecrets(item, optionBefore(value[index - 1])));
  }
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner, key)]));
}

function mayShow(text: string, name: string): boolean {
  const [option = "", given] = text.startsWith("-") ? text.split(/=(.*)/s) : [];
  if (given !== undefined) return mayShow(given, option);
  const own = withoutReferences(text);
  return !SECRET_VALUE.test(own) && (own !== text || !SECRET_NAME.test(name));
}

/** `--token abc`: the second is named by the first. */
function optionBefore(text: unknown): string {
  return typeof text === "string" && text.startsWith("-") && !text.includes("=") ? text : "";
}
