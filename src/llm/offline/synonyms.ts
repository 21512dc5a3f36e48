// Words people use and the words tools are named with. This is a dictionary, not a list of commands: it knows no tool, and
// every entry is weighed, like a word the user wrote, against whatever tools are connected.
import { stem } from "./words.js";

/** Words that stand for each other. */
const SAME = `
  folder directory dir
  delete remove erase
  search find locate look
  fetch download retrieve load
  sum add plus total
  calculate calc compute evaluate calculator math
  environment env
  picture image photo icon
  rename move
  compress gzip zip
  edit modify change
  info information metadata detail stat
  message text
  repeat echo
  start begin trigger launch
  simulate simulated
  enable toggle switch
  stop end
  current now
  log logging logger
  entity node
  weather forecast
  mail email
  database db sql
  repository repo
  issue ticket
  user person people
`;

/** What people say, and what a tool for it may be called. Not true the other way round. */
const MEANS = `
  ls: list directory
  dir: list directory
  cat: read file
  open: read fetch
  show: read list
  view: read
  display: read list
  print: read
  save: write
  store: write
  put: write
  create: write add
  append: write
  file: directory
  files: directory
  content: read
  contents: read list
  here: directory
  visit: fetch
  browse: fetch
  get: fetch read
  read: fetch
  grep: search
  clock: time current
  date: time current
  hour: time current
  today: time date current
  o'clock: time
  day: time date current
  month: time date current
  year: time date current
  make: create write
  multiply: calculate
  times: calculate
  divide: calculate
  subtract: calculate
  minus: calculate
  add: calculate
  sum: calculate
  power: calculate
  mkdir: create directory
  mv: move
  rm: delete remove
  curl: fetch url
  wget: fetch url
  website: url fetch
  webpage: url fetch
  page: url
  slow: long
  variable: env
  logo: image
  structure: tree
  recursive: tree
`;

/** What a value in the message says about the tool, apart from any word. */
const VALUE_MEANS: Readonly<Record<string, string>> = {
  path: "file path directory",
  file: "file path",
  glob: "file pattern search glob",
  url: "url uri fetch web http link",
  expression: "calculate compute evaluate math expression",
  timezone: "time timezone clock zone",
  date: "date time",
  email: "mail email",
  quoted: "message text string",
  several: "multiple many all",
};

const SAID = 0.8;
const MEANT = 0.7;

const table = new Map<string, Map<string, number>>();
for (const line of lines(SAME)) {
  const group = line.split(/\s+/);
  for (const word of group) for (const other of group) if (word !== other) relate(word, other, SAID);
}
for (const line of lines(MEANS)) {
  const [word = "", others = ""] = line.split(":");
  for (const other of others.trim().split(/\s+/)) relate(word, other, MEANT);
}
const values = new Map(Object.entries(VALUE_MEANS).map(([kind, words]) => [kind, new Set(words.split(" ").map(stem))]));

/** The stems a word may stand for, each with how surely: itself 1, others less. */
export function meanings(word: { readonly text: string; readonly stem: string }): ReadonlyMap<string, number> {
  return new Map([...(table.get(word.stem) ?? []), [word.stem, 1]]);
}

/** True when a value of this kind makes one expect the word in the tool's name. */
export function valueSuggests(kind: string, nameStem: string): boolean {
  return values.get(kind)?.has(nameStem) ?? false;
}

function relate(word: string, other: string, weight: number): void {
  const related = table.get(stem(word)) ?? new Map<string, number>();
  related.set(stem(other), Math.max(weight, related.get(stem(other)) ?? 0));
  table.set(stem(word), related);
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
