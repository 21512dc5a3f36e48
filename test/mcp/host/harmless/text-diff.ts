interface Change {
  readonly kind: "same" | "added" | "removed";
  readonly line: string;
}

function diff(before: readonly string[], after: readonly string[]): Change[] {
  const lengths: number[][] = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i]![j] = before[i] === after[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  const changes: Change[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      changes.push({ kind: "same", line: before[i]! });
      i++;
      j++;
    } else if (j >= after.length || (i < before.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) changes.push({ kind: "removed", line: before[i++]! });
    else changes.push({ kind: "added", line: after[j++]! });
  }
  return changes;
}

const SIGN = { same: " ", added: "+", removed: "-" } as const;

export default {
  name: "line_diff",
  description: "Shows line by line what is different between two texts.",
  input: { type: "object", properties: { before: { type: "string" }, after: { type: "string" } }, required: ["before", "after"] },
  annotations: { readOnlyHint: true },
  handler: ({ before, after }: Record<"before" | "after", string>) => diff(before.split("\n"), after.split("\n")).map(({ kind, line }) => SIGN[kind] + line),
};
