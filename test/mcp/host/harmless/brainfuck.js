export default {
  name: "run_brainfuck",
  description: "Runs a program of eight signs with at most a million steps.",
  input: { type: "object", properties: { program: { type: "string" }, stdin: { type: "string" } }, required: ["program"] },
  handler({ program, stdin = "" }) {
    const jumps = [];
    const stack = [];
    for (let i = 0; i < program.length; i++) {
      if (program[i] === "[") stack.push(i);
      if (program[i] === "]") {
        const open = stack.pop();
        jumps[open] = i;
        jumps[i] = open;
      }
    }
    const tape = new Uint8Array(30000);
    let [at, head, input, stdout] = [0, 0, 0, ""];
    const commands = {
      ">": () => head++,
      "<": () => head--,
      "+": () => tape[head]++,
      "-": () => tape[head]--,
      ".": () => (stdout += String.fromCharCode(tape[head])),
      ",": () => (tape[head] = stdin.charCodeAt(input++) || 0),
      "[": () => (tape[head] ? 0 : (at = jumps[at])),
      "]": () => (tape[head] ? (at = jumps[at]) : 0),
    };
    for (let steps = 0; at < program.length; at++) {
      if (++steps > 1e6) throw new Error("too many steps");
      commands[program[at]]?.();
    }
    return stdout;
  },
};
