abstract class Shape {
  abstract readonly area: number;
  static readonly known: Record<string, (size: number) => Shape> = {
    circle: (size) => new Circle(size),
    square: (size) => new Square(size),
  };
  static make(kind: string, size: number): Shape {
    const make = Shape.known[kind];
    if (make === undefined) throw new TypeError(`no such shape: ${kind}`);
    return make(size);
  }
}

class Circle extends Shape {
  constructor(private readonly radius: number) {
    super();
  }
  override get area(): number {
    return Math.PI * this.radius ** 2;
  }
}

class Square extends Shape {
  constructor(private readonly side: number) {
    super();
  }
  override get area(): number {
    return this.side ** 2;
  }
}

export default {
  name: "shape_area",
  description: "Computes the area of a circle or a square.",
  input: { type: "object", properties: { kind: { type: "string" }, size: { type: "number" } }, required: ["kind", "size"] },
  handler: ({ kind, size }: { kind: string; size: number }) => Shape.make(kind, size).area.toFixed(3),
};
