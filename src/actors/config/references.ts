// A secret never stands in a configuration file: `${env:NAME}` and `${file:PATH}` stand for it and are looked up when the
// value is used. So the settings that are shown, kept and compared never hold it.
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { BanyanError, messageOf } from "../../supervision/errors.js";
import type { Environment } from "../paths.js";
import { keepSecret } from "../telemetry/redact.js";

// Bounded, so that a hostile text of many beginnings without an end is still read in one go.
const REFERENCE = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]{0,255})|file:((?:\/|~\/|[A-Za-z]:[\\/])[^}\0]{1,1023}))\}/;
const LARGEST_SECRET = 64 * 1024;

/** True when the text is one reference and nothing else. */
export function isReference(text: string): boolean {
  return text.replace(REFERENCE, "") === "" && text !== "";
}

/** True when every `${` in the text begins a reference that can be looked up. */
export function hasOnlyReferences(text: string): boolean {
  return !withoutReferences(text).includes("${");
}

/** What stands in the text itself. */
export function withoutReferences(text: string): string {
  return text.replaceAll(new RegExp(REFERENCE, "g"), "");
}

/**
 * The text with each reference replaced by what it stands for: an environment variable, or the content of a file of at
 * most 64 KB without its last line break; from then on no log shows it. Throws a `BanyanError` with code `secret_missing` that names the reference.
 */
export function resolveReferences(text: string, env: Environment): string {
  return text.replaceAll(new RegExp(REFERENCE, "g"), (_whole, name: string | undefined, path: string | undefined) => {
    const value = path === undefined ? readVariable(name ?? "", env) : readSecret(path);
    keepSecret(value);
    return value;
  });
}

function readVariable(name: string, env: Environment): string {
  const value = env[name];
  if (value) return value;
  throw new BanyanError("secret_missing", `The environment variable ${name} is not set; set it and start again.`, {
    kind: "auth",
  });
}

function readSecret(path: string): string {
  const file = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  try {
    const stats = isAbsolute(file) ? statSync(file) : undefined;
    if (!stats?.isFile()) throw new Error("it is not a file");
    if (stats.size > LARGEST_SECRET) throw new Error("it is larger than 64 KB");
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    const why = `The secret file ${file} cannot be read (${messageOf(cause)}); correct the path or its permissions.`;
    throw new BanyanError("secret_missing", why, { kind: "auth", cause });
  }
}
