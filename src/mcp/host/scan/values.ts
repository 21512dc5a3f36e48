// What an expression can come to, as a short list of possible values. It follows variables, destructuring, the arguments of functions that
// are called by name, and text put together from constants. What it cannot know is `unknown`; nothing of the scanned code is run.
import { bytesAsText, foldBinary, foldFunction, foldMethod, foldUnary, isText, type Known } from "./fold.js";
import { globalObjects, plainTables } from "./names.js";
import { type Binding, functionNamed, type Origin, type Scopes, type Step } from "./scope.js";
import { bare, type FunctionNode, isFunction, type Node, type Syntax } from "./syntax.js";
import {
  called,
  combinations,
  derived,
  distinct,
  elements,
  escaped,
  imported,
  inherited,
  joined,
  known,
  literal,
  maxValues,
  memberName,
  number,
  one,
  plain,
  resultOf,
  sum,
  unknown,
  type Value,
  whole,
} from "./value.js";

const maxNesting = 150;
const maxWork = 200_000;
/** For one call that is followed by itself. */
const maxCallWork = 3_000;
const WORK_A_VALUE = 1 / 8;
const WORK_A_LETTER = 1 / 64;

/** Methods that give numbers, whatever they are called on. */
const counting = new Set([
  "indexOf",
  "lastIndexOf",
  "findIndex",
  "findLastIndex",
  "charCodeAt",
  "codePointAt",
  "search",
  "localeCompare",
  "getDay",
  "getMonth",
  "getDate",
  "getHours",
  "getMinutes",
  "getUTCDay",
  "getUTCMonth",
  "getUTCDate",
  "getFullYear",
  "getTime",
  "includes",
  "has",
]);

/** What parameters hold in one call that is followed. */
type Arguments = ReadonlyMap<FunctionNode, readonly (readonly Value[])[]>;

export class Values {
  readonly #syntax: Syntax;
  readonly #scopes: Scopes;
  readonly #memory = new Map<Node, readonly Value[]>();
  readonly #busy = new Set<Node>();
  #nesting = 0;
  #work = 0;
  #allowed = maxWork;

  constructor(syntax: Syntax, scopes: Scopes) {
    this.#syntax = syntax;
    this.#scopes = scopes;
  }

  /** Whether there was too much to follow, so that answers are less than they could be. */
  get exhausted(): boolean {
    return this.#work > maxWork;
  }

  of(node: Node, args?: Arguments): readonly Value[] {
    const expression = bare(node);
    const known = args === undefined ? this.#memory.get(expression) : undefined;
    if (known !== undefined) return known;
    if (this.#busy.has(expression) || this.#nesting > maxNesting || ++this.#work > this.#allowed) return [unknown];
    this.#busy.add(expression);
    this.#nesting++;
    try {
      const values = this.#distinct(this.#evaluate(expression, args));
      if (args === undefined && this.#nesting < maxNesting) this.#memory.set(expression, values);
      return values;
    } finally {
      this.#nesting--;
      this.#busy.delete(expression);
    }
  }

  /** Many values and long texts are work as well: a variable may be written and read thousands of times. */
  #distinct(values: readonly Value[]): readonly Value[] {
    for (const value of values) this.#work += WORK_A_VALUE + textIn(value) * WORK_A_LETTER;
    return this.#work > this.#allowed ? [unknown] : distinct(values);
  }

  /** The name that a member, a property or a pattern is read by. */
  key(key: Node, computed: boolean, args?: Arguments): readonly Value[] {
    if (!computed && key.type === "Identifier") return [plain(key.name)];
    if (key.type === "PrivateIdentifier") return [number];
    return this.of(key, args);
  }

  /** What a pattern takes apart, down to the object that the last of `steps` is read of. */
  taken(origin: Origin, args?: Arguments): readonly Value[] {
    switch (origin.from) {
      case "expression":
        return this.#follow(this.of(origin.node, args), origin.steps, args);
      case "name": {
        const names = this.#names(this.of(origin.node, args), args);
        return names === undefined || names.length === 0 ? [unknown] : names.map((name) => plain(name));
      }
      case "element":
        return this.#follow(elements(this.of(origin.node, args)), origin.steps, args);
      case "parameter":
        return this.#follow(this.#parameter(origin.fn, origin.index, args), origin.steps, args);
      case "import":
        return [imported(origin.module, origin.name)];
      case "declared":
        return [
          isFunction(origin.node) || origin.node.type === "ClassDeclaration" || origin.node.type === "ClassExpression"
            ? { is: "function", node: origin.node }
            : plain(undefined),
        ];
      case "number":
        return [number];
      case "appended":
      case "elsewhere":
        return [unknown];
    }
  }

  member(bases: readonly Value[], keys: readonly Value[], args?: Arguments): readonly Value[] {
    const found: Value[] = [];
    for (const base of bases) for (const key of keys) found.push(...this.#member(base, key, args));
    return this.#distinct(found);
  }

  #follow(from: readonly Value[], steps: readonly Step[], args: Arguments | undefined): readonly Value[] {
    let values = from;
    for (const step of steps) {
      if (step === "rest") values = [unknown];
      else if ("index" in step) values = this.member(values, [plain(step.index)], args);
      else values = this.member(values, this.key(step.key, step.computed, args), args);
    }
    return values;
  }

  #parameter(fn: FunctionNode, index: number, args: Arguments | undefined): readonly Value[] {
    const given = args?.get(fn);
    if (given !== undefined) return given[index] ?? [plain(undefined)];
    const values: Value[] = [unknown];
    for (const call of this.#scopes.calls.get(fn) ?? []) {
      const argument = call[index];
      if (argument !== undefined && !call.slice(0, index + 1).some((one) => one.type === "SpreadElement"))
        values.push(...this.of(argument));
    }
    values.push(...this.#fromArrayMethod(fn, index));
    return this.#distinct(values);
  }

  /** What `["a", "b"].map(fn)` and its like give to a function. */
  #fromArrayMethod(fn: FunctionNode, index: number): readonly Value[] {
    const call = this.#syntax.parents.get(fn);
    if (call?.type !== "CallExpression" || call.arguments[0] !== fn) return [];
    const callee = bare(call.callee);
    if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return [];
    const reduces = callee.property.name === "reduce" || callee.property.name === "reduceRight";
    if (!reduces && index === 1) return [number];
    if (reduces && index === 0)
      return call.arguments[1] === undefined ? elements(this.of(callee.object)) : this.of(call.arguments[1]);
    if (index === (reduces ? 1 : 0)) return elements(this.of(callee.object));
    return [];
  }

  #evaluate(node: Node, args: Arguments | undefined): readonly Value[] {
    switch (node.type) {
      case "Literal":
        return [literal(node)];
      case "TemplateLiteral":
        return this.#template(node, args);
      case "Identifier":
        return this.#name(node, args);
      case "ArrayExpression":
        return [this.#array(node, args)];
      case "ObjectExpression":
        return [{ is: "object", node }];
      case "FunctionExpression":
      case "ArrowFunctionExpression":
      case "ClassExpression":
        return [{ is: "function", node }];
      case "ConditionalExpression":
        return [...this.of(node.consequent, args), ...this.of(node.alternate, args)];
      case "LogicalExpression":
        return [...this.of(node.left, args), ...this.of(node.right, args)];
      case "SequenceExpression":
        return this.of(node.expressions.at(-1) ?? node, args);
      case "AssignmentExpression":
        return node.operator.length <= 1 || /^[|&?]{2}=$/.test(node.operator)
          ? this.of(node.right, args)
          : [node.operator === "+=" ? unknown : number];
      case "AwaitExpression":
        return this.of(node.argument, args);
      case "UpdateExpression":
        return [number];
      case "UnaryExpression":
        return this.#unary(node, args);
      case "BinaryExpression":
        return this.#binary(node, args);
      case "MemberExpression":
        return this.member(this.of(node.object, args), this.key(node.property, node.computed, args), args);
      case "CallExpression":
        return this.#call(node, args);
      case "NewExpression":
        return this.#made(node, args);
      case "TaggedTemplateExpression":
        return this.#tagged(node, args);
      case "MetaProperty":
        return [node.property.name === "target" ? { is: "function", node: undefined } : unknown];
      default:
        return [unknown];
    }
  }

  #name(node: Extract<Node, { type: "Identifier" }>, args: Arguments | undefined): readonly Value[] {
    const binding = this.#scopes.meaning.get(node);
    if (binding !== undefined) return this.#binding(binding, args);
    if (node.name === "undefined") return [plain(undefined)];
    if (node.name === "NaN" || node.name === "Infinity") return [plain(Number(node.name))];
    return [{ is: "path", path: globalObjects.has(node.name) ? "globalThis" : node.name }];
  }

  #binding(binding: Binding, args: Arguments | undefined): readonly Value[] {
    const values: Value[] = [];
    for (const origin of binding.origins.slice(0, 50)) values.push(...this.taken(origin, args));
    if (binding.origins.length > 50) values.push(unknown);
    const appended = this.#appended(binding, args);
    if (appended !== undefined) values.push(appended);
    return values;
  }

  /** What `let text = "a"; text += "b";` comes to, if all is done once and in the order it is written. */
  #appended(binding: Binding, args: Arguments | undefined): Value | undefined {
    let whole: readonly Value[] | undefined;
    for (const origin of binding.origins.slice(0, 50)) {
      if (origin.from === "expression" && origin.steps.length === 0 && whole === undefined)
        whole = this.of(origin.node, args);
      else if (origin.from === "appended" && whole !== undefined) whole = this.#add(whole, this.of(origin.node, args));
      else return undefined;
    }
    return whole === undefined || binding.origins.length < 2 ? undefined : one(whole);
  }

  #array(node: Extract<Node, { type: "ArrayExpression" }>, args: Arguments | undefined): Value {
    if (node.elements.length > 2_000) return unknown;
    const items: (readonly Value[])[] = [];
    for (const element of node.elements) {
      if (element === null) items.push([plain(undefined)]);
      else if (element.type === "SpreadElement") {
        const spread = one(this.of(element.argument, args));
        if (spread?.is === "list") items.push(...spread.items);
        else if (spread?.is === "known" && isText(spread.value))
          for (const char of spread.value) items.push([plain(char, spread.assembled)]);
        else if (spread?.is === "known" && Array.isArray(spread.value))
          for (const item of spread.value) items.push([plain(item)]);
        else return unknown;
      } else items.push(this.of(element, args));
    }
    const list: Value = { is: "list", items };
    const value = known(list);
    return value === undefined ? list : value;
  }

  #template(node: Extract<Node, { type: "TemplateLiteral" }>, args: Arguments | undefined): readonly Value[] {
    let built: readonly Value[] = [plain(node.quasis[0]?.value.cooked ?? "", escaped(node.quasis[0]?.value.raw ?? ""))];
    node.expressions.forEach((expression, index) => {
      const quasi = node.quasis[index + 1]?.value;
      built = this.#add(built, this.of(expression, args));
      built = this.#add(built, [plain(quasi?.cooked ?? "", escaped(quasi?.raw ?? ""))]);
    });
    return built;
  }

  #tagged(node: Extract<Node, { type: "TaggedTemplateExpression" }>, args: Arguments | undefined): readonly Value[] {
    const tag = this.of(node.tag, args);
    if (tag.some((value) => value.is === "path" && value.path === "String.raw"))
      return this.#template(node.quasi, args);
    return [resultOf(tag)];
  }

  #unary(node: Extract<Node, { type: "UnaryExpression" }>, args: Arguments | undefined): readonly Value[] {
    if (node.operator === "typeof" || node.operator === "delete") return [number];
    const value = one(this.of(node.argument, args));
    if (value?.is === "known") {
      const folded = foldUnary(node.operator, value.value);
      if (folded !== undefined) return [plain(folded.value)];
    }
    if (node.operator === "!" && (value?.is === "list" || value?.is === "object" || value?.is === "function"))
      return [plain(false)];
    return [number];
  }

  #binary(node: Extract<Node, { type: "BinaryExpression" }>, args: Arguments | undefined): readonly Value[] {
    if (node.left.type === "PrivateIdentifier") return [number];
    const left = this.of(node.left, args);
    const right = this.of(node.right, args);
    if (node.operator === "+") return this.#add(left, right);
    const a = one(left);
    const b = one(right);
    if (a?.is !== "known" || b?.is !== "known") return [number];
    const folded = foldBinary(node.operator, a.value, b.value);
    return [folded === undefined ? number : plain(folded.value)];
  }

  #add(left: readonly Value[], right: readonly Value[]): readonly Value[] {
    const sums: Value[] = [];
    for (const a of left) for (const b of right) sums.push(sum(a, b));
    return this.#distinct(sums);
  }

  #member(base: Value, key: Value, args: Arguments | undefined): readonly Value[] {
    const name = key.is === "known" ? memberName(key.value) : undefined;
    if (key.is === "path" && key.path.startsWith("Symbol.")) return [unknown];
    switch (base.is) {
      case "path": {
        if (name !== undefined) return [{ is: "path", path: joined(base.path, name) }];
        return [{ is: "unknown", steps: plainTables.has(base.path) ? 1 : 2 }];
      }
      case "known": {
        if (name === undefined) return [key.is === "number" ? unknown : { is: "unknown", steps: 1 }];
        if (name === "length" && (isText(base.value) || Array.isArray(base.value))) return [plain(base.value.length)];
        if (isText(base.value) && /^\d+$/.test(name)) return [plain(base.value[Number(name)], base.assembled)];
        if (Array.isArray(base.value) && /^\d+$/.test(name)) return [plain(base.value[Number(name)], base.assembled)];
        return [inherited(base.value, name)];
      }
      case "list": {
        if (name !== undefined && /^\d+$/.test(name)) return base.items[Number(name)] ?? [plain(undefined)];
        if (name === "length") return [plain(base.items.length)];
        if (name !== undefined) return [inherited([], name)];
        return [...base.items.flat().slice(0, maxValues), key.is === "number" ? unknown : { is: "unknown", steps: 1 }];
      }
      case "object":
        return this.#property(base.node, name, key, args);
      case "function":
        if (name !== undefined || key.is === "number") return [unknown];
        return [{ is: "unknown", steps: 2 }];
      case "unknown":
        if (name === "length") return [number];
        if (name !== undefined || base.steps >= called) return [unknown];
        return [{ is: "unknown", steps: key.is === "number" ? base.steps : base.steps + 1 }];
      default:
        return [unknown];
    }
  }

  #property(
    node: Extract<Node, { type: "ObjectExpression" }>,
    name: string | undefined,
    key: Value,
    args: Arguments | undefined,
  ): readonly Value[] {
    const found: Value[] = [];
    for (const property of node.properties.slice(0, 200)) {
      if (property.type === "SpreadElement" || property.kind !== "init") {
        found.push(unknown);
        continue;
      }
      const names = this.key(property.key, property.computed, args);
      if (name === undefined || names.some((one) => one.is !== "known" || memberName(one.value) === name))
        found.push(...this.of(property.value, args));
    }
    if (name === undefined) found.push({ is: "unknown", steps: key.is === "number" ? 0 : 1 });
    return found.length === 0 ? [name === undefined ? unknown : inherited({}, name)] : found;
  }

  #call(node: Extract<Node, { type: "CallExpression" }>, args: Arguments | undefined): readonly Value[] {
    const callee = bare(node.callee);
    const choices = this.#arguments(node.arguments, args);
    const folded: Value[] = [];

    if (callee.type === "MemberExpression") {
      const method = one(this.key(callee.property, callee.computed, args));
      const name = method?.is === "known" ? memberName(method.value) : undefined;
      if (name !== undefined)
        for (const [base, ...values] of combinations([this.of(callee.object, args), ...choices])) {
          const value = base === undefined ? undefined : this.#method(base, name, values, node, args);
          if (value !== undefined) folded.push(value);
        }
      if (folded.length > 0) return folded;
    }
    if (
      callee.type === "MemberExpression" &&
      !callee.computed &&
      callee.property.type === "Identifier" &&
      counting.has(callee.property.name)
    )
      return [number];
    const fn = functionNamed(callee, this.#scopes.meaning);
    if (fn !== undefined) return this.#result(fn, node, args);
    const targets = this.of(callee, args);
    if (targets.some((target) => target.is === "path" && target.path === "Object.keys")) {
      const names = this.#names(choices[0] ?? [], args);
      if (names !== undefined) return [plain(names)];
    }
    for (const target of targets) {
      if (target.is !== "path") continue;
      for (const values of combinations(choices)) {
        const value = this.#builtin(target.path, values);
        if (value !== undefined) folded.push(value);
      }
      if (folded.length > 0) return folded;
      if (/^(Math|Date)\.|^(Number\.)?parse(Int|Float)$|^Number$/.test(target.path)) return [number];
      if (target.path.endsWith(".bind")) return [{ is: "function", node: undefined }];
    }
    return [resultOf(targets)];
  }

  /** The names of an object literal's members. */
  #names(values: readonly Value[], args: Arguments | undefined): string[] | undefined {
    const object = one(values);
    if (object?.is !== "object") return undefined;
    const names: string[] = [];
    for (const property of object.node.properties.slice(0, 200)) {
      const key = property.type === "Property" ? one(this.key(property.key, property.computed, args)) : undefined;
      if (key?.is === "known") names.push(memberName(key.value));
    }
    return names;
  }

  /** What each argument may be; a list that is spread and known counts as its items. */
  #arguments(nodes: readonly Node[], args: Arguments | undefined): (readonly Value[])[] {
    const choices: (readonly Value[])[] = [];
    for (const node of nodes) {
      if (node.type !== "SpreadElement") {
        choices.push(this.of(node, args));
        continue;
      }
      const spread = one(this.of(node.argument, args));
      if (spread?.is === "known" && Array.isArray(spread.value))
        for (const item of spread.value) choices.push([plain(item, spread.assembled)]);
      else if (spread?.is === "known" && isText(spread.value))
        for (const char of spread.value) choices.push([plain(char, spread.assembled)]);
      else if (spread?.is === "list") choices.push(...spread.items);
      else choices.push([unknown]);
    }
    return choices;
  }

  #method(
    base: Value,
    name: string,
    given: readonly (Value | undefined)[],
    node: Extract<Node, { type: "CallExpression" }>,
    args: Arguments | undefined,
  ): Value | undefined {
    const first = node.arguments[0];
    if (
      base.is === "known" &&
      isText(base.value) &&
      (name === "replace" || name === "replaceAll") &&
      first !== undefined
    ) {
      const pattern = bare(first);
      const by = given[1];
      if (pattern.type === "Literal" && "regex" in pattern && by?.is === "known" && isText(by.value)) {
        // Only patterns without repetition are tried, since they take linear time.
        if (/[(*+?{|]/.test(pattern.regex.pattern) || base.value.length > 5_000) return undefined;
        try {
          const text = base.value.replace(new RegExp(pattern.regex.pattern, pattern.regex.flags), by.value);
          return plain(text, base.assembled || !base.value.includes(text));
        } catch {
          return undefined;
        }
      }
    }
    if ((name === "map" || name === "filter") && first !== undefined && isFunction(bare(first))) {
      if (base.is !== "known" || !Array.isArray(base.value) || name === "filter" || base.value.length > 200)
        return undefined;
      const fn = bare(first);
      if (!isFunction(fn)) return undefined;
      const mapped = base.value.map((item, index) =>
        one(this.#body(fn, new Map([...(args ?? []), [fn, [[plain(item)], [plain(index)]]]]))),
      );
      const whole: Known[] = [];
      for (const item of mapped) {
        if (item?.is !== "known") return undefined;
        whole.push(item.value);
      }
      return plain(whole);
    }
    if (name === "reduce" && base.is === "known" && Array.isArray(base.value) && first !== undefined) {
      const fn = bare(first);
      const items = base.value.map((item) => plain(item));
      return isFunction(fn) ? this.#reduced(fn, given.length > 1 ? [given[1], ...items] : items, args) : undefined;
    }
    if (name === "map" && base.is === "known" && Array.isArray(base.value) && given[0]?.is === "path") {
      const path = given[0].path;
      const whole: Known[] = [];
      for (const item of base.value.slice(0, 2_000)) {
        const mapped = foldFunction(path, [item]);
        if (mapped === undefined) return undefined;
        whole.push(mapped.value);
      }
      return plain(whole);
    }
    if (base.is === "path") {
      if (
        base.path === "Reflect" &&
        name === "get" &&
        node.arguments[0] !== undefined &&
        node.arguments[1] !== undefined
      )
        return one(this.member(this.of(node.arguments[0], args), this.of(node.arguments[1], args), args)) ?? unknown;
      if ((name === "call" || name === "apply") && base.path.includes(".")) {
        const rest =
          name === "apply" && given[1]?.is === "known" && Array.isArray(given[1].value)
            ? given[1].value.map((item) => plain(item))
            : given.slice(1);
        return this.#builtin(base.path, rest);
      }
      return undefined;
    }
    if (name === "decode" || name === "toString") {
      const encoded = this.#bytes(base, name, given, node, args);
      if (encoded !== undefined) return encoded;
    }
    if (base.is !== "known") return undefined;
    const texts = whole(given);
    if (texts === undefined) return undefined;
    const folded = foldMethod(base.value, name, texts);
    return folded === undefined ? undefined : derived(folded.value, [base.value, ...texts], base.assembled);
  }

  #reduced(fn: FunctionNode, values: readonly (Value | undefined)[], args: Arguments | undefined): Value | undefined {
    let [sum] = values;
    for (const [index, value] of values.slice(1, 100).entries()) {
      if (sum?.is !== "known" || value === undefined) return undefined;
      sum = one(this.#body(fn, new Map([...(args ?? []), [fn, [[sum], [value], [plain(index)]]]])));
    }
    return sum?.is === "known" ? sum : undefined;
  }

  /** `Buffer.from("…", "hex").toString()` */
  #bytes(
    _base: Value,
    name: string,
    given: readonly (Value | undefined)[],
    node: Extract<Node, { type: "CallExpression" }>,
    args: Arguments | undefined,
  ): Value | undefined {
    const callee = bare(node.callee);
    if (callee.type !== "MemberExpression") return undefined;
    const source = bare(name === "decode" && node.arguments[0] !== undefined ? node.arguments[0] : callee.object);
    if (source.type !== "CallExpression" && source.type !== "NewExpression") return undefined;
    const maker = one(this.of(source.callee, args));
    if (maker?.is !== "path" || !/^(Buffer|Uint8Array)(\.from|\.of)?$/.test(maker.path)) return undefined;
    const content = source.arguments[0] === undefined ? undefined : one(this.of(source.arguments[0], args));
    const encoding = source.arguments[1] === undefined ? undefined : one(this.of(source.arguments[1], args));
    if (content?.is !== "known") return undefined;
    const text = bytesAsText(content.value, encoding?.is === "known" ? encoding.value : undefined);
    if (text === undefined) return undefined;
    const out = given[0];
    if (
      name === "toString" &&
      out?.is === "known" &&
      isText(out.value) &&
      out.value !== "utf8" &&
      out.value !== "utf-8"
    )
      return undefined;
    return derived(text, [content.value], content.assembled);
  }

  #builtin(path: string, given: readonly (Value | undefined)[]): Value | undefined {
    const values = whole(given);
    if (values === undefined) return undefined;
    const folded = foldFunction(path, values);
    return folded === undefined
      ? undefined
      : derived(
          folded.value,
          values,
          given.some((one) => one?.is === "known" && one.assembled),
        );
  }

  #result(
    fn: FunctionNode,
    call: Extract<Node, { type: "CallExpression" }>,
    args: Arguments | undefined,
  ): readonly Value[] {
    if (fn.generator || call.arguments.some((argument) => argument.type === "SpreadElement") || (args?.size ?? 0) > 6)
      return [unknown];
    const given = call.arguments.map((argument) => this.of(argument, args));
    // Only a call with constants is followed by itself; all others share one answer.
    if (!given.every((values) => values.length === 1 && values[0]?.is !== "unknown")) return this.#body(fn, args);
    const allowed = this.#allowed;
    this.#allowed = Math.min(allowed, this.#work + maxCallWork);
    try {
      return this.#body(fn, new Map([...(args ?? []), [fn, given]]));
    } finally {
      this.#allowed = allowed;
    }
  }

  #body(fn: FunctionNode, args: Arguments | undefined): readonly Value[] {
    const values: Value[] = [];
    for (const returned of (this.#scopes.returns.get(fn) ?? []).slice(0, maxValues))
      values.push(...this.of(returned, args));
    return values.length === 0 ? [unknown] : this.#distinct(values);
  }

  #made(node: Extract<Node, { type: "NewExpression" }>, args: Arguments | undefined): readonly Value[] {
    const targets = this.of(node.callee, args);
    return [targets.some((value) => value.is === "unknown" && value.steps >= 2) ? resultOf(targets) : unknown];
  }
}

function textIn(value: Value): number {
  if (value.is === "part") return value.start.length + value.end.length;
  if (value.is !== "known") return 0;
  const { value: known } = value;
  if (isText(known)) return known.length;
  return Array.isArray(known) ? JSON.stringify(known).length : 0;
}
