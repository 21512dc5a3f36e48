function Stack() {
  this.items = [];
}
Stack.prototype.push = function (item) {
  this.items.push(item);
  return this;
};
Stack.prototype.pop = function () {
  return this.items.pop();
};

export default {
  name: "reverse_polish",
  description: "Evaluates an expression in reverse Polish notation, such as `3 4 + 2 *`.",
  input: { type: "object", properties: { expression: { type: "string" } }, required: ["expression"] },
  handler: function ({ expression }) {
    var stack = new Stack();
    var args = Array.prototype.slice.call(expression.split(" "));
    for (var i in args) {
      var token = args[i];
      if (!isNaN(token)) stack.push(Number(token));
      else {
        var b = stack.pop(), a = stack.pop();
        stack.push({ "+": a + b, "-": a - b, "*": a * b, "/": a / b }[token]);
      }
    }
    return String(stack.pop());
  },
};
