// What a mention that is being typed may become: files and folders of the project, paths beyond it, and what servers offer.
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { again } from "../../actors/again.js";
import type { Surroundings } from "../command.js";
import type { CommandHint } from "../events.js";
import { fuzzy } from "../fuzzy.js";
import { type Mention, mentionKinds } from "./mention.js";

type Kind = NonNullable<Mention["kind"]>;

const MOST = 50;
/** Files that are ranked, and with nothing typed so many stand before all else. */
const MOST_FILES = 300;
const MOST_AT_FIRST = 20;

/** Best first; each `name` is the whole mention. `typed` is what stands after the `@`. */
export async function mentionHints(typed: string, surroundings: Surroundings): Promise<readonly CommandHint[]> {
  const [, prefix = "", quoted = ""] = /^((?:[a-z]+:)?)"?(.*)$/s.exec(typed) ?? [];
  const kind = mentionKinds.find((one) => `${one}:` === prefix);
  const wanted = kind === undefined ? typed.replace(/^"/, "") : quoted;
  if (kind === "url") return [];
  const takes = (one: Kind): boolean => kind === undefined || kind === one;
  const file = (path: string): CommandHint => {
    const marked = kind === "file" ? `file:${path}` : path;
    return { name: `@${quotedPath(kind === "file" ? "file:" : "", path)}`, label: marked, summary: "" };
  };
  if (takes("file") && /^(?:\.{1,2}|~)?\/|\/$/.test(wanted)) return (await within(wanted, surroundings)).map(file);
  const { names, use } = surroundings;
  const files = takes("file") ? (await again(() => use(names.files).call.find(wanted, MOST_FILES))).map(file) : [];
  const offers = await offered(takes, kind !== undefined, surroundings);
  if (wanted === "") return [...files.slice(0, MOST_AT_FIRST), ...offers].slice(0, MOST);
  const label = (hint: CommandHint): string => hint.label ?? hint.name;
  return fuzzy([...files, ...offers], wanted, label).slice(0, MOST);
}

/** Shown and typed alike: `prompt:server.name`. */
async function offered(
  takes: (kind: Kind) => boolean,
  said: boolean,
  { names, use }: Surroundings,
): Promise<CommandHint[]> {
  const aggregator = use(names.aggregator);
  const [resources, prompts, tools] = await Promise.all([
    takes("resource") ? again(() => aggregator.call.resources()) : [],
    takes("prompt") ? again(() => aggregator.call.prompts()) : [],
    takes("tool") ? again(() => aggregator.call.tools()) : [],
  ]);
  const hint = (mention: string, summary: string): CommandHint => ({ name: `@${mention}`, label: mention, summary });
  return [
    ...resources.map(({ server, uri, title, description, ownName }) =>
      hint(`${said ? "resource:" : ""}${server}.${uri}`, description ?? title ?? ownName),
    ),
    ...prompts
      .filter(({ arguments: all }) => !all.some(({ required }) => required))
      .map(({ name, description = "" }) => hint(`prompt:${name}`, description)),
    ...names.router.visible(tools).map(({ name, description }) => hint(`tool:${name}`, description)),
  ];
}

/** What is in the folder that a path names as far as its last slash, and begins with what follows. */
async function within(path: string, { names }: Surroundings): Promise<string[]> {
  const slash = path.lastIndexOf("/") + 1;
  const [folder, begun] = [path.slice(0, slash), path.slice(slash).toLowerCase()];
  const full = resolve(names.project, folder.replace(/^~(?=\/)/, homedir()));
  const entries = await readdir(full, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(({ name }) => name.toLowerCase().startsWith(begun) && (begun.startsWith(".") || !name.startsWith(".")))
    .sort((one, other) => Number(other.isDirectory()) - Number(one.isDirectory()) || (one.name < other.name ? -1 : 1))
    .slice(0, MOST)
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? "/" : ""}`);
}

/** A folder's quote stays open, so that one can go on into it. */
function quotedPath(prefix: string, path: string): string {
  if (!/[\s"]/.test(path)) return `${prefix}${path}`;
  return path.endsWith("/") ? `${prefix}"${path}` : `${prefix}"${path}"`;
}
