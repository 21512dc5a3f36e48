// Commands found by what somebody may call them: words of their summaries, letters of their names in order, or a name mistyped.
import { type Command, namesOf } from "./command.js";
import { fuzzy } from "./fuzzy.js";

const MOST_NEAR = 3;

/** Those that have to do with all the words, those named so first. */
export function searchCommands(commands: readonly Command[], words: string): readonly Command[] {
  const wanted = words.toLowerCase().split(/\s+/);
  const found = commands.filter((command) => {
    const text = textOf(command);
    return wanted.every((word) => text.includes(word));
  });
  const isNamedSo = ({ name }: Command): boolean => wanted.some((word) => name.includes(word));
  const [[first = ""], named] = [wanted, found.filter(isNamedSo)];
  if (found.length > 0) return [...named, ...found.filter((command) => !isNamedSo(command))];
  return wanted.length === 1 ? fuzzy(commands, first, ({ name }) => name) : [];
}

/** Names that are like one that there is not, the nearest first. */
export function nearestCommands(commands: readonly Command[], name: string): readonly string[] {
  if (name === "") return [];
  const names = commands.flatMap((command) => [command.name, ...namesOf(command)]);
  const allowed = Math.max(1, Math.floor(name.length / 3));
  const mistyped = names
    .map((known) => ({ known, distance: distance(known, name.toLowerCase()) }))
    .filter((each) => each.distance <= allowed)
    .sort((one, other) => one.distance - other.distance);
  const found = [...mistyped.map(({ known }) => known), ...fuzzy(names, name, (known) => known)];
  return [...new Set(found)].slice(0, MOST_NEAR);
}

function textOf(command: Command): string {
  const { name, summary, usage = [], group = "" } = command;
  return [name, ...namesOf(command), summary, ...usage, group].join(" ").toLowerCase();
}

/** How many letters to add, drop, change or swap with their neighbour until one is the other. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= one.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1;
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const swap = swapped ? cell(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY;
      const best = Math.min(
        cell(row - 1, column) + 1,
        cell(row, column - 1) + 1,
        cell(row - 1, column - 1) + same,
        swap,
      );
      rows[row]?.push(best);
    }
  }
  return cell(one.length, other.length);
}
