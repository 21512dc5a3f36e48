// What is about to be written into a settings file and may be a secret: it belongs into the environment, with a reference in the file.
import { isDeepStrictEqual } from "node:util";
import { withoutReferences } from "./references.js";
import { withoutSecrets } from "./without-secrets.js";

const SECRET_VARIABLE = /(?:^|_)(?:KEY|PAT|AUTH|PWD|CREDENTIALS?)$/i;

/** True of a variable whose value, or name, looks like that of a secret. */
export function isLiteralSecret(name: string, value: string): boolean {
  if (withoutReferences(value) === "") return false;
  return !isDeepStrictEqual(withoutSecrets({ [name]: value }), { [name]: value }) || SECRET_VARIABLE.test(name);
}

/** True where one of a program's arguments looks like a secret. */
export function holdsLiteralSecret(args: readonly string[]): boolean {
  return !isDeepStrictEqual(withoutSecrets(args), args);
}

/** True of an address with something in its query, or elsewhere, that looks like a secret. */
export function holdsSecret(address: string): boolean {
  const { searchParams } = new URL(address);
  return isLiteralSecret("", address) || [...searchParams].some(([name, value]) => isLiteralSecret(name, value));
}
