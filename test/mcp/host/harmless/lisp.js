const globals = {
  "+": (...xs) => xs.reduce((a, b) => a + b, 0),
  "*": (...xs) => xs.reduce((a, b) => a * b, 1),
  "-": (a, b) => (b === undefined ? -a : a - b),
  "<": (a, b) => a < b,
  list: (...xs) => xs,
  length: (xs) => xs.length,
};

function read(tokens) {
  const token = tokens.shift();
  if (token === undefined) throw new SyntaxError("unexpected end");
  if (token !== "(") return Number.isNaN(Number(token)) ? token : Number(token);
  const list = [];
  while (tokens[0] !== ")") list.push(read(tokens));
  tokens.shift();
  return list;
}

function evaluate(expression, env) {
  if (typeof expression === "string") {
    let scope = env;
    while (scope && !Object.hasOwn(scope.names, expression)) scope = scope.parent;
    if (!scope) throw new ReferenceError(`unknown name: ${expression}`);
    return scope.names[expression];
  }
  if (!Array.isArray(expression)) return expression;
  const [head, ...rest] = expression;
  switch (head) {
    case "if":
      return evaluate(evaluate(rest[0], env) ? rest[1] : rest[2], env);
    case "define":
      return (env.names[rest[0]] = evaluate(rest[1], env));
    case "lambda":
      return (...args) => evaluate(rest[1], { parent: env, names: Object.fromEntries(rest[0].map((name, i) => [name, args[i]])) });
    default: {
      const fn = evaluate(head, env);
      return fn(...rest.map((one) => evaluate(one, env)));
    }
  }
}

export default {
  name: "lisp",
  description: "Evaluates a small Lisp expression with define, lambda, if and arithmetic.",
  input: { type: "object", properties: { code: { type: "string" } }, required: ["code"] },
  handler: ({ code }) => JSON.stringify(evaluate(read(code.replace(/[()]/g, " $& ").trim().split(/\s+/)), { names: { ...globals } })),
};
