function Shape(w, h) { this.w = w; this.h = h; }
Shape.prototype.area = function () { return this.w * this.h; };
Shape.prototype.describe = function () { return "area " + this.area(); };
function Square(a) { Shape.call(this, a, a); }
Square.prototype = Object.create(Shape.prototype);
Square.prototype.constructor = Square;
export default { name: "old_class", description: "Does the thing called old_class", input: { type: "object", properties: {"w":{"type":"number"},"h":{"type":"number"}} },
 handler: async (args) => { var s = new Square(args.w); return s.describe() + " " + (s instanceof Shape); } };
