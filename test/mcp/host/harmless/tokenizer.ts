const RULES: readonly [string, RegExp][] = [
  ["number", /^\d+(\.\d+)?/],
  ["name", /^[a-z_]\w*/i],
  ["operator", /^[-+*/^()]/],
  ["space", /^\s+/],
];

const BINDING: Record<string, [number, "left" | "right", (a: number, b: number) => number]> = {
  "+": [1, "left", (a, b) => a + b],
  "-": [1, "left", (a, b) => a - b],
  "*": [2, "left", (a, b) => a * b],
  "/": [2, "left", (a, b) => a / b],
  "^": [3, "right", (a, b) => a ** b],
};

export default {
  name: "formula",
  description: "Works out an arithmetic formula with brackets and the usual precedence.",
  input: { type: "object", properties: { formula: { type: "string", maxLength: 500 } }, required: ["formula"] },
  handler({ formula }: { formula: string }): string {
    const output: number[] = [];
    const operators: string[] = [];
    const apply = () => {
      const operator = operators.pop()!;
      const [b, a] = [output.pop()!, output.pop()!];
      output.push(BINDING[operator]![2](a, b));
    };
    let rest = formula;
    outer: while (rest !== "") {
      for (const [kind, pattern] of RULES) {
        const match = pattern.exec(rest);
        if (match === null) continue;
        const [text] = match;
        rest = rest.slice(text.length);
        if (kind === "number") output.push(Number(text));
        else if (kind === "operator" && text === "(") operators.push(text);
        else if (kind === "operator" && text === ")") {
          while (operators.at(-1) !== "(") apply();
          operators.pop();
        } else if (kind === "operator") {
          const [strength, side] = BINDING[text]!;
          for (let top = operators.at(-1); top && top !== "("; top = operators.at(-1)) {
            const [other] = BINDING[top]!;
            if (other < strength || (other === strength && side === "right")) break;
            apply();
          }
          operators.push(text);
        }
        continue outer;
      }
      throw new Error(`unexpected "${rest[0]}"`);
    }
    while (operators.length > 0) apply();
    return String(output[0]);
  },
};
