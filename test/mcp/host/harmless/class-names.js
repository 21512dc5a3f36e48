class Item { #qty = 0; static count = 0; constructor(name, qty) { this.name = name; this.#qty = qty; Item.count++; } get qty() { return this.#qty; } toString() { return `${this.constructor.name}:${this.name} x${this.#qty}`; } }
class Perishable extends Item { constructor(name, qty, days) { super(name, qty); this.days = days; } toString() { return super.toString() + ` (${this.days}d)`; } }
export default { name: "class_inventory", description: "Lists an inventory nicely", input: { type: "object", properties: { items: { type: "array", items: { type: "object" } } } },
handler: ({ items = [] }) => items.map((i) => (i.days ? new Perishable(i.name, i.qty, i.days) : new Item(i.name, i.qty))).map(String).join("\n") };
