// The answer every row streams: 25 KB of Markdown with ten code blocks, dealt out in 5,000 tokens, the same at every run.

const SAMPLES = [
  [
    "ts",
    (n) => `import { readFile } from "node:fs/promises";

/** Reads settings number ${n}. */
export async function settings${n}(path: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const line of (await readFile(path, "utf8")).split("\\n")) {
    const [name = "", value = "0"] = line.split("=");
    if (name.startsWith("#")) continue; // a comment of file ${n}
    found.set(name.trim(), Number.parseFloat(value) * ${n});
  }
  return found;
}`,
  ],
  [
    "python",
    (n) => `from dataclasses import dataclass

@dataclass
class Reading${n}:
    """One reading of sensor ${n}."""
    at: float
    value: float = 0.0

    def scaled(self, by: int = ${n}) -> "Reading${n}":
        # what is scaled keeps its time
        return Reading${n}(self.at, self.value * by)

def mean(readings: list[Reading${n}]) -> float:
    return sum(r.value for r in readings) / max(1, len(readings))`,
  ],
  [
    "bash",
    (n) => `#!/usr/bin/env bash
set -euo pipefail
for file in logs/part-${n}-*.txt; do
  # the newest lines first
  tac "$file" | grep -c "error ${n}" >> "counts-${n}.txt" || true
done
echo "done with part ${n}: $(wc -l < "counts-${n}.txt") files"`,
  ],
  [
    "sql",
    (n) => `CREATE TABLE part_${n} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size REAL DEFAULT 0);
INSERT INTO part_${n} (name, size) VALUES ('first of ${n}', 1.5), ('second of ${n}', 2.5);
SELECT name, round(avg(size), 2) AS mean -- of all rows
FROM part_${n} WHERE size > 1 GROUP BY name ORDER BY mean DESC LIMIT ${n};`,
  ],
  [
    "json",
    (n) => `{
  "name": "part-${n}",
  "weights": [0.${n}, 1.${n}, 2.${n}],
  "nested": { "deep": true, "note": "number ${n}", "none": null }
}`,
  ],
];

function part(n) {
  const [language, sample] = SAMPLES[n % SAMPLES.length];
  return `## Part ${n}: what happens to reading ${n}

A reading is **taken every ${n + 2} seconds** and kept in \`readings-${n}.db\`. What is older than ${n * 7 + 1} days is folded into
one mean a day, so that the file stays small; the raw values are gone then, which is *meant*. Nobody has asked for them so
far, and ~~a copy of them~~ the [note on keeping them](https://example.com/notes/${n}) says how to change that.

- the first step of ${n} reads the file
  - and skips comments, which begin with \`#\`
- the second step of ${n} scales the values by ${n}
- the third step of ${n} writes what is left, in one transaction

\`\`\`${language}
${sample(n)}
\`\`\`

| step of ${n} | reads | takes | fails when |
| :-- | --: | --: | :-- |
| load ${n} | ${n * 120} lines | ${n * 3} ms | the file of part ${n} is away |
| scale ${n} | ${n * 110} values | ${n * 5} ms | a value is no number |
| write ${n} | ${n * 11} rows | ${n * 17} ms | the disk is full, or the database of part ${n} is locked |

> What fails in part ${n} is tried again after a pause; the third failure is told to whoever asked, with the line that was
> being read and the value that stood there.

1. Look at the log of part ${n} first: it names the file, the line and the value.
2. Mend the line, or remove it: a reading that is missing is no error, one that is wrong is.
3. Run the part again with \`--from ${n}\`; what was written before is not written twice.

After that, part ${n + 1} has everything it needs. It starts by itself as soon as the last row of part ${n} is in the
database, waits for nothing else, and may be run alone as often as one likes: what it finds done it leaves alone. Its own
steps are those of part ${n}, with another file and another scale; only the third differs, since it also counts.

### What is left open by part ${n}

Whether ${n} is a good scale was never shown. It was taken from the first run, where the values lay between ${n} and ${n * 100}, and
has stayed since; a larger one would keep **one digit more** at the cost of ${n * 2} KB a day. Who wants to know may run the
part with \`--scale ${n * 10}\` beside the usual one and compare the two files: the means must agree to the last digit that
both have, and the sums to the one before it. If they do not, the values were cut somewhere on the way, most likely by the
reader, which takes no more than ${n + 9} digits, or by the database, whose columns of part ${n} were made for shorter ones.
`;
}

export const TOKENS = 5_000;

/** The Markdown: ten parts with a code block each. */
export const answer = Array.from({ length: 10 }, (_, index) => part(index + 1)).join("\n");

/** The same text in {@link TOKENS} pieces of uneven length. */
export function tokens() {
  const pieces = [];
  for (let index = 0, at = 0; index < TOKENS; index++) {
    const wobble = index + 1 < TOKENS ? ((index * 7_919) % 5) - 2 : 0;
    const end = Math.max(at, Math.round(((index + 1) * answer.length) / TOKENS) + wobble);
    pieces.push(answer.slice(at, end));
    at = end;
  }
  return pieces;
}
